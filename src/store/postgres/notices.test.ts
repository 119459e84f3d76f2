import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { makeDatabase } from '../../../tests/support/postgres/database.ts';
import type { TestDatabase } from '../../../tests/support/postgres/database.ts';
import type { PostgresStore } from './open-postgres-store.ts';
import { openOn } from './open-postgres-store.test-support.ts';

let database: TestDatabase;
let here: PostgresStore;
let there: PostgresStore;
let heard: (string | undefined)[];

beforeEach(async () => {
  heard = [];
  database = await makeDatabase();
  here = await openOn(database, { epochId: 'here' });
  there = await openOn(database, { epochId: 'there' });
  there.onKeyChange?.((keyId) => heard.push(keyId));
  await here.ledger.openAccount({ id: 'local', limit: 'none', overdraft: 0n, createdAt: 1 });
  await here.keys.insert({ id: 'k', name: 'laptop', accountId: 'local', hash: 'ab', createdAt: 1 });
});
afterEach(async () => {
  await Promise.all([here.close(), there.close()]);
  await database.drop();
});

test('whatever ends or changes what a key may do is told to all other processes, and what does not is not', async () => {
  await here.keys.touch('k', 5);
  await here.keys.rotate({ id: 'k', hash: 'cd', previousUntil: 5 });
  await here.keys.update('k', { maxInFlight: 1 });
  await here.keys.revoke('k', 8);
  await vi.waitFor(() => expect(heard).toEqual(['k', 'k', 'k']));
});

test('a guest is heard too: a command that revokes reaches the servers', async () => {
  const guest = await openOn(database, { role: 'guest' });
  await guest.keys.revoke('k', 8);
  await guest.close();
  await vi.waitFor(() => expect(heard).toEqual(['k']));
});

test('whoever lost its connection is told that it may have missed something, and hears on', async () => {
  await database.run(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
  await vi.waitFor(() => expect(heard).toEqual([undefined]), { timeout: 20_000 });
  await here.keys.revoke('k', 8);
  await vi.waitFor(() => expect(heard).toEqual([undefined, 'k']));
});

test('what somebody else puts on the channel, or a later flashmux, is left aside', async () => {
  await database.run(`NOTIFY flashmux, 'no json'; NOTIFY flashmux, '{"kind":"weather","payload":"rain"}'`);
  await here.notify({ kind: 'key', payload: 'k2' });
  await vi.waitFor(() => expect(heard).toEqual(['k2']));
});
