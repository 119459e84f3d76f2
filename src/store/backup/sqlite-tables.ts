import { textColumn, wordColumn } from '../sql/row.ts';
import type { SqlPort } from '../sqlite/sql-port.ts';
import type { Columns } from './columns.ts';

const types = ['integer', 'text'] as const;

/** Every table that holds data, by name. SQLite's own and the list of migrations are not data. */
export function readTables(sql: Pick<SqlPort, 'rows'>): ReadonlyMap<string, Columns> {
  const rows = sql.rows({
    text: `SELECT tables.name AS table_name, columns.name AS column_name, lower(columns.type) AS column_type
      FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
      WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND tables.name <> 'migrations'
      ORDER BY tables.name, columns.cid`,
    values: [],
  });
  const tables = new Map<string, Map<string, 'integer' | 'text'>>();
  for (const row of rows) {
    const name = textColumn(row, 'table_name');
    const columns = tables.get(name) ?? new Map<string, 'integer' | 'text'>();
    tables.set(name, columns.set(textColumn(row, 'column_name'), wordColumn(row, 'column_type', types)));
  }
  return tables;
}
