import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Access } from '../../src/access/access.ts';
import { createAccess } from '../../src/access/create-access.ts';
import type { KeyAdmin } from '../../src/access/key-admin.ts';
import { RateLimiter } from '../../src/access/rate-limiter.ts';
import { RateSharing } from '../../src/access/rate-sharing.ts';
import { openOn } from '../../src/store/postgres/open-postgres-store.test-support.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { silentLog } from '../../src/telemetry/log.ts';
import { makeDatabase } from '../support/postgres/database.ts';

// What one process changes of a key, as another one on the same data meets it. The age of what the other remembers is moved by hand.

interface Place {
  /** The stores of two processes. */
  readonly stores: readonly [Store, Store];
  remove(): Promise<void>;
}

const clock = { now: () => 1_700_000_000_000, ticks: () => 0 };

async function sqlitePlace(): Promise<Place> {
  const folder = await mkdtemp(path.join(tmpdir(), 'flashmux-two-'));
  const options = { path: path.join(folder, 'flashmux.db'), log: silentLog, clock };
  const server = await openSqliteStore({ ...options, epochId: 'boot_1' });
  const command = await openSqliteStore({ ...options, epochId: 'boot_2', role: 'guest' });
  return { stores: [server, command], remove: () => rm(folder, { recursive: true }) };
}

async function postgresPlace(): Promise<Place> {
  const database = await makeDatabase();
  const stores = [await openOn(database, { epochId: 'boot_1' }), await openOn(database, { epochId: 'boot_2' })] as const;
  return { stores, remove: () => database.drop() };
}

const kinds = [
  { kind: 'sqlite', open: sqlitePlace },
  { kind: 'postgres', open: postgresPlace },
];

describe.each(kinds)('a key in two processes on $kind', ({ open }) => {
  let place: Place;
  const time = { ticks: 0 };

  beforeEach(async () => {
    time.ticks = 0;
    place = await open();
    await place.stores[0].ledger.openAccount({ id: 'local', limit: 'none', overdraft: 0n, createdAt: 1 });
  });
  afterEach(async () => {
    await Promise.all(place.stores.map((store) => store.close()));
    await place.remove();
  });

  /** Without what a store tells of changes: the age of what is remembered is enough. */
  function processes(): readonly [Access & KeyAdmin, Access & KeyAdmin] {
    const accessOf = (store: Store): Access & KeyAdmin =>
      createAccess({
        keys: store.keys,
        budgets: { set: async () => undefined },
        pepper: new Uint8Array(32).fill(7),
        clock: { now: () => 1_700_000_000_000, ticks: () => time.ticks },
        randomBytes,
      });
    return [accessOf(place.stores[0]), accessOf(place.stores[1])];
  }

  test('a revocation is seen within a second, however busy the key is', async () => {
    const [busy, other] = processes();
    const { id, secret } = await other.create({ name: 'shared', accountId: 'local' });
    for (; time.ticks < 900; time.ticks += 100) await busy.authenticate(secret);
    await other.revoke(id);
    for (; time.ticks < 1_000; time.ticks += 100) await busy.authenticate(secret).catch(() => undefined);
    await expect(busy.authenticate(secret)).rejects.toMatchObject({
      code: 'invalid_key',
      message: expect.stringContaining('revoked'),
    });
  });

  test('so are other limits and a new secret', async () => {
    const [busy, other] = processes();
    const { id, secret } = await other.create({ name: 'shared', accountId: 'local' });
    expect(await busy.authenticate(secret)).toEqual({ keyId: id, accountId: 'local' });
    await other.update(id, { requestsPerMinute: 5, allowedTools: [] });
    const rotated = await other.rotate(id, 0);
    time.ticks = 1_000;
    const caller = { keyId: id, accountId: 'local', requestsPerMinute: 5, allowedTools: [] };
    expect(await busy.authenticate(rotated?.secret)).toEqual(caller);
    await expect(busy.authenticate(secret)).rejects.toMatchObject({ code: 'invalid_key' });
  });

  test('of a process that is told of the change it is seen at once', async () => {
    const [busy, other] = processes();
    const { id, secret } = await other.create({ name: 'shared', accountId: 'local' });
    await busy.authenticate(secret);
    await other.revoke(id);
    busy.changedElsewhere(id);
    await expect(busy.authenticate(secret)).rejects.toMatchObject({ code: 'invalid_key' });
  });
});

test('two servers on one database hold the limits of a key together', async () => {
  const place = await postgresPlace();
  const limited = { keyId: 'k', requestsPerMinute: 10, tokensPerMinute: 1_000 };
  const ticks = (): number => performance.now();
  const faults: unknown[] = [];
  const servers = place.stores.map(({ rates }) => {
    if (rates === undefined) throw new Error('a server on PostgreSQL shares its counts');
    const limiter = new RateLimiter();
    const sharing = new RateSharing({ limiter, share: rates, ticks, onFault: (error) => faults.push(error) });
    sharing.start();
    return { limiter, sharing };
  });
  try {
    const [one, other] = servers;
    for (let index = 0; index < 7; index++) one?.limiter.admit(limited, ticks());
    one?.limiter.count(limited, 400, ticks());
    other?.limiter.admit(limited, ticks());
    const left = () =>
      servers.map(({ limiter }) => {
        const { requests, tokens } = limiter.look(limited, ticks());
        return [requests?.remaining, tokens?.remaining];
      });
    await expect.poll(left, { timeout: 20_000 }).toEqual([
      [2, 600],
      [2, 600],
    ]);
    expect(faults).toEqual([]);
  } finally {
    await Promise.all(servers.map(({ sharing }) => sharing.stop()));
    await Promise.all(place.stores.map((store) => store.close()));
    await place.remove();
  }
});
