import { readTables } from '../../src/store/backup/sqlite-tables.ts';
import type { Row } from '../../src/store/sql/statement.ts';
import type { SqlPort } from '../../src/store/sqlite/sql-port.ts';

/** Every row of every table, in the order of all columns. */
export function dump(sql: SqlPort): Readonly<Record<string, readonly Row[]>> {
  const tables = [...readTables(sql)].map(([table, columns]) => {
    const order = [...columns.keys()].map((_, index) => index + 1).join(', ');
    return [table, sql.rows({ text: `SELECT * FROM "${table}" ORDER BY ${order}`, values: [] })] as const;
  });
  return Object.fromEntries(tables);
}

/** The tables, indexes and triggers as the scripts made them. */
export function shape(sql: SqlPort): readonly Row[] {
  return sql.rows({ text: 'SELECT type, name, sql FROM sqlite_schema ORDER BY type, name', values: [] });
}
