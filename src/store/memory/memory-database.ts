import { migrate } from '../sqlite/migrate.ts';
import { openDatabase } from '../sqlite/open-database.ts';
import type { SqlPort } from '../sqlite/sql-port.ts';

/** The tables of a memory store. They outlive a store that is opened on them, as a file outlives a process that crashes. */
export type MemoryDatabase = SqlPort;

export function openMemoryDatabase(): MemoryDatabase {
  const sql = openDatabase(':memory:');
  migrate(sql, 0);
  return sql;
}
