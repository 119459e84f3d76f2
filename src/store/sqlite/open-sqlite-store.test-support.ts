import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLog } from '../../telemetry/log.ts';
import type { Store } from '../store.ts';
import { openSqliteStore } from './open-sqlite-store.ts';
import type { SqliteStoreOptions } from './open-sqlite-store.ts';

export const testClock = { now: () => 1_700_000_000_000 };

/** A SQLite store in a folder of its own. Close it before the folder is removed. */
export async function openTestStore(
  changes: Partial<SqliteStoreOptions> = {},
): Promise<{ readonly store: Store; readonly file: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'flashmux-sqlite-'));
  const file = path.join(folder, 'flashmux.db');
  const store = await openSqliteStore({ path: file, log: silentLog, clock: testClock, epochId: 'boot_1', ...changes });
  return { store, file, remove: () => rm(folder, { recursive: true }) };
}
