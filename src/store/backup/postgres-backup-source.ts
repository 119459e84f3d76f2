import { FlashmuxError } from '../../model/fault.ts';
import { newestKnown, schemaNumber } from '../postgres/migrate.ts';
import type { BackupSource } from './backup-ports.ts';
import { PostgresSession } from './postgres-session.ts';
import { readTables } from './postgres-tables.ts';

/**
 * A database as it is now, read in one transaction that sees one moment of it; nobody waits for it. Throws `not_found` for a
 * database without tables of flashmux, `conflict` for one of a newer flashmux.
 */
export async function openPostgresBackupSource(url: string): Promise<BackupSource> {
  const session = await PostgresSession.open(url, 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    const schema = await session.run(schemaNumber());
    if (schema === 0)
      throw new FlashmuxError('not_found', 'The database of DATABASE_URL is empty, so there is nothing to back up.');
    if (schema > newestKnown) {
      throw new FlashmuxError(
        'conflict',
        `The database was written by a newer flashmux (schema ${schema}, this one knows ${newestKnown}). Back it up with that version or a later one.`,
      );
    }
    const tables = await session.run(readTables());
    return {
      database: 'postgres',
      schema,
      tables: [...tables.keys()],
      rows: (table) => session.rows(table),
      close: () => session.close(),
    };
  } catch (error) {
    await session.close();
    throw error;
  }
}
