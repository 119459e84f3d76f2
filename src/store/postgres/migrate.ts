import { FlashmuxError } from '../../model/fault.ts';
import { numberColumn, textColumn } from '../sql/row.ts';
import { query } from '../sql/statement.ts';
import type { Operation } from '../sql/statement.ts';
import { migrations } from './migrations.ts';
import type { PostgresConnection } from './postgres-connection.ts';

export const newestKnown = migrations.at(-1)?.number ?? 0;

/** Of all advisory locks in a database this one is ours: "flashmux" as bytes. */
const lockNumber = 0x66_6c_61_73_68_6d_75_78n;

/**
 * Brings the schema to the newest step, forward only, all steps in one transaction under a lock, so that processes that start
 * together do it once. A `guest` makes the schema of an empty database and changes no other: servers of an older flashmux may be
 * at work. Throws `conflict` for a database of a newer flashmux, or of something else.
 */
export async function migrate(connection: PostgresConnection, role: 'server' | 'guest', at: number): Promise<void> {
  const present = await connection.read(schemaNumber());
  refuseNewer(present);
  if (present === newestKnown) return;
  if (role === 'guest' && present > 0) {
    throw new FlashmuxError(
      'conflict',
      `The database has schema ${present}, this flashmux works with ${newestKnown}. Start a server of this version first: it brings the schema up.`,
    );
  }
  await connection.transactPatiently(applyAll(at));
}

/** `upTo`: the step to stop at, for a store that is made as an earlier flashmux left it. */
export function* applyAll(at: number, upTo = newestKnown): Operation<void> {
  yield* query('SET LOCAL statement_timeout = 0');
  yield* query('SET LOCAL lock_timeout = 0');
  yield* query('SELECT pg_advisory_xact_lock($1)', lockNumber);
  const present = yield* schemaNumber();
  refuseNewer(present);
  if (present === 0) {
    yield* query(
      'CREATE TABLE migrations (number BIGINT PRIMARY KEY, name TEXT COLLATE "C" NOT NULL, applied_at BIGINT NOT NULL)',
    );
  }
  for (const { number, name, script } of migrations) {
    if (number <= present || number > upTo) continue;
    yield* query(script);
    yield* query('INSERT INTO migrations (number, name, applied_at) VALUES ($1, $2, $3)', BigInt(number), name, BigInt(at));
  }
}

function refuseNewer(present: number): void {
  if (present <= newestKnown) return;
  throw new FlashmuxError(
    'conflict',
    `The database was written by a newer flashmux (schema ${present}, this one knows ${newestKnown}). Install that version or a later one.`,
  );
}

/** 0 for an empty schema. */
export function* schemaNumber(): Operation<number> {
  const columns = yield* query(
    `SELECT table_name, column_name FROM information_schema.columns
     WHERE table_schema = current_schema() AND table_name IN ('migrations', 'accounts', 'entries', 'holds', 'api_keys')`,
  );
  if (columns.length === 0) return 0;
  const ofMigrations = columns.filter((row) => textColumn(row, 'table_name') === 'migrations');
  const names = ofMigrations.map((row) => textColumn(row, 'column_name')).toSorted();
  if (names.join() !== 'applied_at,name,number') {
    throw new FlashmuxError(
      'conflict',
      'The database holds tables of another program. Give flashmux a database of its own: CREATE DATABASE flashmux.',
    );
  }
  const [newest] = yield* query('SELECT COALESCE(MAX(number), 0) AS number FROM migrations');
  return newest === undefined ? 0 : numberColumn(newest, 'number');
}
