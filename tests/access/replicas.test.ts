import { afterEach, beforeEach, expect, test } from 'vitest';
import { localAccountId } from '../../src/main/open-home.ts';
import { makeDatabase } from '../support/postgres/database.ts';
import type { TestDatabase } from '../support/postgres/database.ts';
import { startTestServer } from '../support/test-server.ts';
import type { TestServer } from '../support/test-server.ts';

const pepper = '5a'.repeat(32);

let database: TestDatabase;
let replicas: TestServer[];

beforeEach(async () => {
  replicas = [];
  database = await makeDatabase();
});
afterEach(async () => {
  await Promise.all(replicas.map((replica) => replica.stop()));
  await database.drop();
});

async function startReplica(changes: Readonly<Record<string, unknown>> = {}): Promise<TestServer> {
  const settings = { engine: { enabled: false }, database: { url: database.url, pepper, ...changes } };
  const replica = await startTestServer({ settings });
  replicas.push(replica);
  return replica;
}

async function statusAt({ url }: TestServer, key: string): Promise<number> {
  const response = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
  await response.arrayBuffer();
  return response.status;
}

test('replicas share keys: one that is made or revoked at one is good or refused at the other', async () => {
  const [one, other] = [await startReplica(), await startReplica()];
  const { id, secret } = await one.server.home.access.create({ name: 'shared', accountId: localAccountId });
  // The other replica has the key in its cache now.
  expect(await statusAt(other, secret)).toBe(200);
  expect(await one.server.home.access.revoke(id)).toBe(true);
  await expect.poll(() => statusAt(other, secret), { timeout: 1_000, interval: 20 }).toBe(401);
});

test('replicas share accounts: what is spent at one is missing at the other', async () => {
  const [one, other] = [await startReplica(), await startReplica()];
  await one.server.home.ledger.openAccount({ id: 'customer', limit: 'prepaid' });
  await one.server.home.ledger.topUp('customer', 10n, 'payment');
  const wish = { accountId: 'customer', amount: 6n, expiresAt: Date.now() + 60_000 };
  await one.server.home.ledger.hold({ ...wish, requestId: 'req_1' });
  await expect(other.server.home.ledger.hold({ ...wish, requestId: 'req_2' })).rejects.toMatchObject({
    code: 'insufficient_credits',
  });
});

test('a replica with another pepper does not start', async () => {
  await startReplica();
  await expect(startReplica({ pepper: '00'.repeat(32) })).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('another pepper'),
  });
});
