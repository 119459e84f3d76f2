import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OthersCount, ShareRound } from '../access/rate-sharing.ts';
import { openTestPostgres } from './postgres/open-postgres-store.test-support.ts';
import { operationOf, type Call, type OperationName, type Perform } from './sql/operations.ts';
import { sqlRateShare } from './sql/rate-operations.ts';
import { migrate } from './sqlite/migrate.ts';
import { openDatabase } from './sqlite/open-database.ts';
import { runOperation } from './sqlite/sql-port.ts';

interface Opened {
  readonly perform: Perform;
  close(): Promise<void>;
}

const kinds = [
  {
    kind: 'sqlite',
    async open(): Promise<Opened> {
      const sql = openDatabase(':memory:');
      migrate(sql, 1);
      const perform: Perform = async <Name extends OperationName>(call: Call<Name> & Call) =>
        runOperation(sql, operationOf<Name>(call));
      return { perform, close: async () => sql.close() };
    },
  },
  {
    kind: 'postgres',
    async open(): Promise<Opened> {
      const { store, remove } = await openTestPostgres();
      return { perform: store.perform, close: () => store.close().then(remove) };
    },
  },
];

describe.each(kinds)('what processes tell each other in $kind', ({ open }) => {
  let opened: Opened;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());

  function share(replicaId: string, round: Partial<ShareRound>): Promise<readonly OthersCount[]> {
    const port = sqlRateShare(opened.perform, () => replicaId);
    return port.share({ changed: [], watched: ['k', 'l'], leftBehind: [], ...round });
  }

  test('a process reads what the others told last of the keys it asks for, and never its own', async () => {
    expect(await share('one', { changed: [{ keyId: 'k', requests: 3, tokens: 500 }] })).toEqual([]);
    const other = { keyId: 'other', requests: 1, tokens: 0 };
    await share('one', { changed: [{ keyId: 'k', requests: 4, tokens: 700 }, other] });
    expect(await share('two', {})).toEqual([{ keyId: 'k', replicaId: 'one', beat: 2, requests: 4, tokens: 700 }]);
    expect(await share('two', { watched: [] })).toEqual([]);
  });

  test('a key of which nothing is counted any more leaves nothing behind', async () => {
    await share('one', { changed: [{ keyId: 'k', requests: 3, tokens: 0 }] });
    await share('one', { changed: [{ keyId: 'k', requests: 0, tokens: 0 }] });
    expect(await share('two', {})).toEqual([]);
  });

  test('what a dead process left is taken out, unless it has told something since', async () => {
    const dead = { keyId: 'k', replicaId: 'one', beat: 1 };
    await share('one', { changed: [{ keyId: 'k', requests: 3, tokens: 0 }] });
    await share('one', { changed: [{ keyId: 'k', requests: 4, tokens: 0 }] });
    expect(await share('two', { leftBehind: [dead] })).toMatchObject([{ replicaId: 'one', beat: 2 }]);
    expect(await share('two', { leftBehind: [{ ...dead, beat: 2 }] })).toEqual([]);
  });
});
