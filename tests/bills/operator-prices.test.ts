import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { localAccountId } from '../../src/main/open-home.ts';
import { postChat } from '../support/chat-body.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const model = 'scripted/hello';
let folder = '';
let file = '';
let server: TestServer;

/** A price for each request and none for tokens, so that a bill does not depend on how many there were. */
const prices = (...perRequest: readonly (readonly [string, string])[]): string =>
  `prices:\n${perRequest
    .map(
      ([from, usd]) => `  - model: ${model}
    from: ${from}
    per_request: ${usd}
    tiers:
      - per_million_tokens: { input-text: "0", output-text: "0" }
`,
    )
    .join('')}`;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashmux-operator-prices-'));
  file = path.join(folder, 'prices.yaml');
  await writeFile(file, prices(['2026-01-01T00:00:00Z', '"0.001"'], ['2999-01-01T00:00:00Z', '"0.5"']));
  server = await startTestServer({ settings: { engine: { enabled: false }, prices: { file } }, store: 'memory' });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

async function cost(): Promise<unknown> {
  const reply = await postChat(server, { model, messages: [{ role: 'user', content: 'Hello' }] });
  expect(reply.status).toBe(200);
  const answer: { usage: { cost_usd: number } } = JSON.parse(await reply.text());
  return answer.usage.cost_usd;
}

test('a request is billed at the version of the price file that is in force', async () => {
  expect(await cost()).toBe(0.001);
});

test('the models page shows the price that is charged, and where it comes from', async () => {
  const reply = await fetch(`${server.url}/v1/models/${model}`, { headers: { authorization: `Bearer ${server.key}` } });
  expect(JSON.parse(await reply.text())).toMatchObject({
    pricing: { price_list: `${model}/operator@2026-01-01T00:00:00Z`, tiers: [{ rates: { request: { usd: '0.001', per: 1 } } }] },
  });
});

test('a file that is read anew counts for the next request, and one with a mistake counts for none', async () => {
  await writeFile(file, prices(['2026-01-01T00:00:00Z', '"0.001"'], ['2026-02-01T00:00:00Z', '"0.002"']));
  server.server.readPrices();
  expect(await cost()).toBe(0.002);
  await writeFile(file, prices(['2026-01-01T00:00:00Z', '"0.003"'], ['2026-02-01T00:00:00Z', '0.003']));
  server.server.readPrices();
  expect(await cost()).toBe(0.002);
});

test('the models page shows what a batch costs and where converted dollars come from', async () => {
  const row = `{ model: ${model}, from: 2026-01-01T00:00:00Z, batch: "50%", converted: { from: CNY, rate: "0.14", on: 2026-01-01 },
    tiers: [{ per_million_tokens: { input-text: "0.3", output-text: "1" } }] }`;
  await writeFile(file, `prices: [${row}]\n`);
  server.server.readPrices();
  const reply = await fetch(`${server.url}/v1/models/${model}`, { headers: { authorization: `Bearer ${server.key}` } });
  expect(JSON.parse(await reply.text())).toMatchObject({
    pricing: {
      tiers: [{ rates: { 'input-text': { usd: '0.3' } } }],
      batch_tiers: [{ rates: { 'input-text': { usd: '0.15', per: 1_000_000 }, 'output-text': { usd: '0.5' } } }],
      converted: { from: 'CNY', rate: '0.14', on: '2026-01-01' },
    },
  });
});

test('a mark-up of the account that asks is charged, and the account of somebody else has its own', async () => {
  const rule = (account: string, percent: string): string => `  - { account: ${account}, model: "*", percent: "${percent}" }\n`;
  const rules = `mark_ups:\n${rule('somebody', '900')}${rule(localAccountId, '50')}`;
  await writeFile(file, prices(['2026-01-01T00:00:00Z', '"0.004"']) + rules);
  server.server.readPrices();
  expect(await cost()).toBe(0.006);
});
