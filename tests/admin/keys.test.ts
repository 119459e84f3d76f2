import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Json } from '../../src/model/json.ts';
import { allPages, model, startAdminServer, textIn, type AdminServer } from './admin-client.ts';

// The life of an API key through the admin API, and what its caller sees of it on the public listener.

let admin: AdminServer;
beforeAll(async () => {
  admin = await startAdminServer();
  await admin.post('/admin/v1/accounts', { id: 'customer', limit: 'prepaid' });
  await admin.post('/admin/v1/accounts/customer/topups', { amount_usd: '5', ref: 'paid' });
});
afterAll(() => admin.stop());

const keys = '/admin/v1/keys';
const statusOf = async (key: Json | undefined): Promise<number> =>
  (await fetch(`${admin.server.url}/v1/key`, { headers: { authorization: `Bearer ${textIn(key)}` } })).status;

test('a key is made with its limits, opens, and its secret is never shown again', async () => {
  const made = await admin.post(keys, {
    name: 'laptop',
    account: 'customer',
    models: [model],
    requests_per_minute: 60,
    tokens_per_minute: 10_000,
    concurrency: 4,
    addresses: ['127.0.0.0/8'],
    tools: [],
    budget: { amount_usd: '1.5', period: 'month' },
    expires_at: '2199-01-01T00:00:00+01:00',
  });
  const { key, ...shown } = made.body;
  expect(key).toMatch(/^fm_live_/);
  expect(shown).toMatchObject({
    name: 'laptop',
    account: 'customer',
    models: [model],
    tools: [],
    addresses: ['127.0.0.0/8'],
    requests_per_minute: 60,
    tokens_per_minute: 10_000,
    concurrency: 4,
    budget: { amount_usd: '1.50', amount_nano_usd: '1500000000', period: 'month', remaining_usd: '1.50' },
    expires_at: '2198-12-31T23:00:00.000Z',
    revoked_at: null,
  });
  expect(await statusOf(key)).toBe(200);
  const again = await admin.get(`${keys}/${textIn(shown['id'])}`);
  expect(again.body).toMatchObject({ ...shown, last_used_at: expect.anything() });
  const secret = textIn(key).slice(-20);
  for (const told of [again, await admin.get(keys)]) expect(told.text).not.toContain(secret);
});

test('limits are changed one by one, and null takes one away', async () => {
  const { body } = await admin.post(keys, { name: 'changing', account: 'customer', requests_per_minute: 5, concurrency: 2 });
  const path = `${keys}/${textIn(body['id'])}`;
  expect((await admin.patch(path, { requests_per_minute: null, name: 'changed' })).body).toMatchObject({
    name: 'changed',
    requests_per_minute: null,
    concurrency: 2,
  });
  const budget = { amount_usd: '2', period: 'day' };
  expect((await admin.patch(path, { budget })).body).toMatchObject({ budget: { amount_usd: '2.00', period: 'day' } });
  expect((await admin.patch(path, { budget: null })).body).toMatchObject({ budget: null, concurrency: 2 });
});

test('a rotated key opens with both secrets, or with the new one alone where nothing overlaps', async () => {
  const { body } = await admin.post(keys, { name: 'rotating', account: 'customer' });
  const path = `${keys}/${textIn(body['id'])}/rotate`;
  const rotated = await admin.post(path);
  expect(rotated.body).toMatchObject({
    id: body['id'],
    key: expect.stringMatching(/^fm_live_/),
    previous_until: expect.any(String),
  });
  expect([await statusOf(body['key']), await statusOf(rotated.body['key'])]).toEqual([200, 200]);
  const third = await admin.post(path, { overlap_ms: 0 });
  expect([await statusOf(rotated.body['key']), await statusOf(third.body['key'])]).toEqual([401, 200]);
});

test('a revoked key opens nothing, and is neither changed nor rotated nor revoked any more', async () => {
  const { body } = await admin.post(keys, { name: 'ending', account: 'customer' });
  const path = `${keys}/${textIn(body['id'])}`;
  expect((await admin.post(`${path}/revoke`)).body).toEqual({ id: body['id'], revoked: true });
  expect(await statusOf(body['key'])).toBe(401);
  expect((await admin.get(path)).body).toMatchObject({ revoked_at: expect.any(String) });
  expect((await admin.post(`${path}/revoke`)).status).toBe(404);
  expect((await admin.post(`${path}/rotate`)).status).toBe(404);
  expect((await admin.patch(path, { concurrency: 1 })).status).toBe(404);
});

test('keys are listed to their end, all of them or those of an account', async () => {
  await admin.post('/admin/v1/accounts', { id: 'many', limit: 'none' });
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names) await admin.post(keys, { name, account: 'many' });
  const { items, pages } = await allPages(admin, `${keys}?account=many`, 2);
  expect(pages).toBe(3);
  expect(items.map(({ name }) => textIn(name)).toSorted()).toEqual(names);
  const everything = await allPages(admin, keys, 3);
  expect(everything.items.length).toBeGreaterThan(names.length);
  expect(new Set(everything.items.map(({ id }) => id)).size).toBe(everything.items.length);
  expect((await admin.get(`${keys}?after=nobody`)).body.error).toMatchObject({ param: 'after' });
});

test.each([
  [{ account: 'customer' }, 400, 'name', 'a text of 1 to 100 characters'],
  [{ name: 'k' }, 400, 'account', 'a text of 1 to 200 characters'],
  [{ name: 'k', account: 'nobody' }, 404, 'account', 'No account "nobody"'],
  [
    { name: 'k', account: 'customer', requests_per_minute: 0 },
    400,
    'requests_per_minute',
    'requests_per_minute is a whole number from 1',
  ],
  [{ name: 'k', account: 'customer', concurrency: 'many' }, 400, 'concurrency', 'a whole number'],
  [{ name: 'k', account: 'customer', expires_at: '2001-01-01T00:00:00Z' }, 400, 'expires_at', 'in the future'],
  [{ name: 'k', account: 'customer', expires_at: 'tomorrow' }, 400, 'expires_at', 'a time with its zone'],
  [{ name: 'k', account: 'customer', models: [] }, 400, 'models', '1 to 100'],
  [{ name: 'k', account: 'customer', models: ['qwen3.5-flahs'] }, 404, 'model', 'qwen3.5-flash'],
  [{ name: 'k', account: 'customer', tools: ['hammer'] }, 400, 'tools', 'There are web_search'],
  [{ name: 'k', account: 'customer', addresses: ['10.1.2.3/8'] }, 400, 'addresses', '10.0.0.0'],
  [{ name: 'k', account: 'customer', budget: { amount_usd: '0', period: 'day' } }, 400, 'budget', 'above 0'],
  [{ name: 'k', account: 'customer', budget: { amount_usd: '1' } }, 400, 'budget.period', '"month"'],
  [{ name: 'k', account: 'customer', rpm: 5 }, 400, 'rpm', 'the fields are name, account'],
])('%j is refused with %d for the field %s', async (body, status, param, right) => {
  const before = (await allPages(admin, keys, 1000)).items.length;
  const reply = await admin.post(keys, body);
  expect(reply).toMatchObject({ status, body: { error: { param } } });
  expect(textIn(reply.body.error?.['message'])).toContain(right);
  expect((await allPages(admin, keys, 1000)).items).toHaveLength(before);
});

test('what is wrong with a rotation or a change is told, and there is no key of a wrong id', async () => {
  const { body } = await admin.post(keys, { name: 'strict', account: 'customer' });
  const path = `${keys}/${textIn(body['id'])}`;
  expect((await admin.post(`${path}/rotate`, { overlap_ms: -1 })).body.error).toMatchObject({ param: 'overlap_ms' });
  expect((await admin.post(`${path}/rotate`, { overlap: 5 })).body.error).toMatchObject({ param: 'overlap' });
  expect((await admin.post(`${path}/revoke`, { sure: true })).body.error).toMatchObject({ param: 'sure' });
  expect((await admin.patch(path, {})).status).toBe(400);
  expect((await admin.get(`${keys}/nobody`)).status).toBe(404);
});
