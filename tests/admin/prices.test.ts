import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allPages, startAdminServer, type AdminServer } from './admin-client.ts';

// The prices in force, and the price file read anew.

const model = 'qwen-flash';
let folder = '';
let file = '';
let admin: AdminServer;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashmux-admin-prices-'));
  file = path.join(folder, 'prices.yaml');
  await writeFile(file, priceFile('"0.07"'));
  admin = await startAdminServer({ prices: { file } });
});
afterAll(async () => {
  await admin.stop();
  await rm(folder, { recursive: true });
});

function priceFile(usd: string, rest = ''): string {
  return `prices:
  - model: ${model}
    from: 2026-01-01T00:00:00Z
    tiers:
      - per_million_tokens: { input-text: ${usd}, output-text: "1" }
${rest}`;
}

const reload = '/admin/v1/prices/reload';
const inputPrice = async (account = ''): Promise<unknown> => {
  const { items } = await allPages(admin, `/admin/v1/prices${account === '' ? '' : `?account=${account}`}`, 5);
  return items.find((each) => each['model'] === model)?.['pricing'];
};

test('every model is listed with its list, its variants and what each seller asks', async () => {
  const { items, pages } = await allPages(admin, '/admin/v1/prices', 2);
  expect(pages).toBe(Math.ceil(items.length / 2));
  expect(items.find((each) => each['model'] === model)).toMatchObject({
    pricing: { currency: 'USD', input: '0.07', output: '1', rounding: { quantum_nano_usd: '1', per: 'line' } },
  });
  expect(items.find((each) => each['model'] === 'qwen3.5-flash')).toMatchObject({
    variants: [{ model: 'qwen3.5-flash:variant1', pricing: { tiers: expect.any(Array) } }],
    offers: expect.arrayContaining([expect.objectContaining({ seller: 'empiriolabs', pricing: expect.any(Object) })]),
  });
  expect((await admin.get('/admin/v1/prices?after=nobody')).status).toBe(400);
});

test('a file that is read anew counts at once, and the answer says what is different', async () => {
  expect((await admin.post(reload)).body).toEqual({ changed: [], mark_ups: { added: [], removed: [] } });
  await writeFile(file, priceFile('"0.09"', 'mark_ups:\n  - { model: "*", account: local, percent: "100" }\n'));
  expect((await admin.post(reload)).body).toMatchObject({
    changed: [{ model, before: { input: '0.07' }, after: { input: '0.09' } }],
    mark_ups: { added: [{ account: 'local', model: '*', percent: '100' }], removed: [] },
  });
  expect(await inputPrice()).toMatchObject({ input: '0.09' });
  expect(await inputPrice('local')).toMatchObject({ input: '0.18' });
  expect((await admin.get('/admin/v1/prices/mark-ups')).body).toMatchObject({ data: [{ model: '*' }], has_more: false });
  await writeFile(file, priceFile('"0.09"'));
  expect((await admin.post(reload)).body).toMatchObject({
    changed: [],
    mark_ups: { added: [], removed: [{ account: 'local' }] },
  });
});

test('every mistake of the file is told with line and column, and the prices before stay', async () => {
  const before = await inputPrice();
  await writeFile(file, priceFile('0.5', '    colour: red\n'));
  const refused = await admin.post(reload);
  expect(refused).toMatchObject({
    status: 400,
    body: { error: { type: 'invalid_request_error', message: expect.stringContaining('prices.yaml:5:') } },
  });
  expect(refused.body['problems']).toEqual([
    expect.stringMatching(/prices\.yaml:5:31 prices\.0\.tiers\.0\.per_million_tokens\.input-text: /),
    expect.stringMatching(/prices\.yaml:6:5 prices\.0\.colour: /),
  ]);
  expect(await inputPrice()).toEqual(before);
});

test('reloading takes no fields', async () => {
  expect((await admin.post(reload, { force: true })).body.error).toMatchObject({ param: 'force' });
});
