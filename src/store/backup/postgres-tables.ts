import { textColumn } from '../sql/row.ts';
import { query } from '../sql/statement.ts';
import type { Operation } from '../sql/statement.ts';
import type { Columns } from './columns.ts';

/** Tables that say something of the database and nothing of what is kept in it. */
const own = ['migrations', 'settings'];

const types: ReadonlyMap<string, 'integer' | 'text'> = new Map([
  ['bigint', 'integer'],
  ['text', 'text'],
]);

/** Every table of the schema that holds data, by name. */
export function* readTables(): Operation<ReadonlyMap<string, Columns>> {
  const rows = yield* query(
    `SELECT table_name, column_name, data_type FROM information_schema.columns JOIN information_schema.tables
       USING (table_schema, table_name)
     WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
     ORDER BY table_name COLLATE "C", ordinal_position`,
  );
  const tables = new Map<string, Map<string, 'integer' | 'text'>>();
  for (const row of rows) {
    const name = textColumn(row, 'table_name');
    if (own.includes(name)) continue;
    const columns = tables.get(name) ?? new Map<string, 'integer' | 'text'>();
    const type = types.get(textColumn(row, 'data_type'));
    if (type === undefined)
      throw new Error(`A backup does not carry ${textColumn(row, 'data_type')}, the type of a column of ${name}.`);
    tables.set(name, columns.set(textColumn(row, 'column_name'), type));
  }
  return tables;
}
