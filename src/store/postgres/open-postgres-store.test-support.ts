import { makeDatabase } from '../../../tests/support/postgres/database.ts';
import type { TestDatabase } from '../../../tests/support/postgres/database.ts';
import { silentLog } from '../../telemetry/log.ts';
import { openPostgresStore } from './open-postgres-store.ts';
import type { PostgresStore, PostgresStoreOptions } from './open-postgres-store.ts';

const testClock = { now: () => 1_700_000_000_000, ticks: () => performance.now() };

/** What a test says of its store, over what every test needs. */
export function openOn(
  { url }: Pick<TestDatabase, 'url'>,
  changes: Partial<PostgresStoreOptions> & { readonly epochId?: string } = {},
): Promise<PostgresStore> {
  const { epochId = 'boot_1', ...others } = changes;
  let lives = 0;
  return openPostgresStore({
    url,
    pepper: new Uint8Array(32).fill(7),
    log: silentLog,
    clock: testClock,
    newEpochId: () => (lives++ === 0 ? epochId : `${epochId}_${lives}`),
    random: () => 0.5,
    connections: 4,
    ...others,
  });
}

/** A PostgreSQL store in a database of its own. Close it before the database is dropped. */
export async function openTestPostgres(
  changes: Parameters<typeof openOn>[1] = {},
): Promise<{ readonly store: PostgresStore; readonly database: TestDatabase; remove(): Promise<void> }> {
  const database = await makeDatabase();
  const store = await openOn(database, changes);
  return { store, database, remove: () => database.drop() };
}
