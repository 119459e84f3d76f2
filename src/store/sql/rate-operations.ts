import type { OthersCount, RateShare, ShareRound } from '../../access/rate-sharing.ts';
import type { Perform } from './operations.ts';
import { numberColumn, textColumn } from './row.ts';
import { query } from './statement.ts';
import type { Operation } from './statement.ts';

/** The port over the named operation. `replicaId`: of this process, as it is now. */
export function sqlRateShare(perform: Perform, replicaId: () => string): RateShare {
  return { share: (round) => perform({ name: 'rate.share', input: { ...round, replicaId: replicaId() } }) };
}

/** Every process writes its own rows only, so that none waits for another. */
export function* shareRates(round: ShareRound & { readonly replicaId: string }): Operation<readonly OthersCount[]> {
  const { changed, watched, leftBehind, replicaId } = round;
  for (const { keyId, requests, tokens } of changed) {
    if (requests === 0 && tokens === 0)
      yield* query('DELETE FROM rate_windows WHERE key_id = $1 AND replica_id = $2', keyId, replicaId);
    else
      yield* query(
        `INSERT INTO rate_windows (key_id, replica_id, beat, requests, tokens) VALUES ($1, $2, 1, $3, $4)
         ON CONFLICT (key_id, replica_id)
         DO UPDATE SET beat = rate_windows.beat + 1, requests = excluded.requests, tokens = excluded.tokens`,
        keyId,
        replicaId,
        BigInt(requests),
        BigInt(tokens),
      );
  }
  // The beat guards a process that was thought dead and has just told something.
  for (const { keyId, replicaId: dead, beat } of leftBehind)
    yield* query('DELETE FROM rate_windows WHERE key_id = $1 AND replica_id = $2 AND beat = $3', keyId, dead, BigInt(beat));
  if (watched.length === 0) return [];
  const places = watched.map((_, index) => `$${index + 2}`).join(', ');
  const rows = yield* query(
    `SELECT key_id, replica_id, beat, requests, tokens FROM rate_windows WHERE replica_id <> $1 AND key_id IN (${places})`,
    replicaId,
    ...watched,
  );
  return rows.map((row) => ({
    keyId: textColumn(row, 'key_id'),
    replicaId: textColumn(row, 'replica_id'),
    beat: numberColumn(row, 'beat'),
    requests: numberColumn(row, 'requests'),
    tokens: numberColumn(row, 'tokens'),
  }));
}
