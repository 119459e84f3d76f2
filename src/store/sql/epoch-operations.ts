import { numberColumn, textColumn } from './row.ts';
import { releaseAll, releasedColumns } from './hold-operations.ts';
import { query } from './statement.ts';
import type { Operation } from './statement.ts';

/** One start of a process. */
export interface Epoch {
  readonly id: string;
  readonly processId: number;
  readonly host: string;
  /** Unix milliseconds. */
  readonly startedAt: number;
}

/**
 * Begins the life of a process on a database that it owns alone: every other process is dead, so its holds are released before
 * anything else happens. What was produced for them and not settled is forgiven.
 */
export function* beginEpoch(epoch: Epoch): Operation<readonly string[]> {
  yield* joinEpoch(epoch);
  yield* query('UPDATE epochs SET ended_at = $2 WHERE id <> $1 AND ended_at IS NULL', epoch.id, BigInt(epoch.startedAt));
  const orphaned = yield* query(
    `UPDATE holds SET state = 'expired', ended_at = $2 WHERE state = 'open' AND epoch_id <> $1 RETURNING ${releasedColumns}`,
    epoch.id,
    BigInt(epoch.startedAt),
  );
  return yield* releaseAll(orphaned);
}

/** The same on a database that others use too. */
export function* joinEpoch(epoch: Epoch): Operation<void> {
  yield* query(
    'INSERT INTO epochs (id, process_id, host, started_at) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING',
    epoch.id,
    BigInt(epoch.processId),
    epoch.host,
    BigInt(epoch.startedAt),
  );
}

/** A sign of life. False where the others have given this process up for dead: its holds are released, it needs a new epoch. */
export function* beatEpoch(input: { readonly id: string }): Operation<boolean> {
  const beaten = yield* query('UPDATE epochs SET beats = beats + 1 WHERE id = $1 AND ended_at IS NULL RETURNING id', input.id);
  return beaten.length === 1;
}

export interface EpochBeats {
  readonly id: string;
  /** Goes up while its process lives. Whoever sees it stand still for long enough, by a clock of its own, may bury it. */
  readonly beats: number;
}

/** Every epoch that nobody has buried, and those that placed a hold after that: a process may not know yet that it was. */
export function* listEpochs(_: null): Operation<readonly EpochBeats[]> {
  const rows = yield* query(
    `SELECT id, beats FROM epochs WHERE ended_at IS NULL OR id IN (SELECT epoch_id FROM holds WHERE state = 'open') ORDER BY id`,
  );
  return rows.map((row) => ({ id: textColumn(row, 'id'), beats: numberColumn(row, 'beats') }));
}

/** Ends an epoch and releases its holds, unless it has given a sign of life since. Undefined where it has. */
export function* buryEpoch(input: EpochBeats & { readonly at: number }): Operation<readonly string[] | undefined> {
  const [buried] = yield* query(
    'UPDATE epochs SET ended_at = COALESCE(ended_at, $3) WHERE id = $1 AND beats = $2 RETURNING id',
    input.id,
    BigInt(input.beats),
    BigInt(input.at),
  );
  if (buried === undefined) return undefined;
  const orphaned = yield* query(
    `UPDATE holds SET state = 'expired', ended_at = $2 WHERE state = 'open' AND epoch_id = $1 RETURNING ${releasedColumns}`,
    input.id,
    BigInt(input.at),
  );
  return yield* releaseAll(orphaned);
}

/** The end of a process that shut down in order: what it did not settle is released at once. */
export function* endEpoch(input: { readonly id: string; readonly at: number }): Operation<readonly string[]> {
  yield* query('UPDATE epochs SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL', input.id, BigInt(input.at));
  const left = yield* query(
    `UPDATE holds SET state = 'expired', ended_at = $2 WHERE state = 'open' AND epoch_id = $1 RETURNING ${releasedColumns}`,
    input.id,
    BigInt(input.at),
  );
  return yield* releaseAll(left);
}
