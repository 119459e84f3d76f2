import type { Sessions } from '../sessions/sessions.ts';
import type { Log } from '../telemetry/log.ts';
import type { Home } from './open-home.ts';

/** How often what nobody needs any more is let go of. */
const everyMs = 30_000;

export interface Household extends Pick<Home, 'ledger'> {
  readonly sessions: Pick<Sessions, 'prune' | 'background'>;
}

/**
 * Releases holds whose request never came back, ends responses whose process did not, and forgets idempotency keys, responses and
 * conversations whose time is over, until `stop`.
 */
export function keepHouse({ ledger, sessions }: Household, log: Log): { stop(): void } {
  let stopped = false;
  const once = async (): Promise<void> => {
    try {
      const expired = await ledger.expireHolds();
      if (expired.length > 0) log.warn({ requestIds: expired }, 'holds expired whose requests never came back');
      await ledger.pruneIdempotency();
      const orphans = await sessions.background.giveUpOrphans();
      if (orphans.length > 0) log.warn({ responseIds: orphans }, 'responses failed whose process ended before they did');
      await sessions.prune();
    } catch (error) {
      // The store closes under a round that is still running when the server stops; the next start makes one of its own.
      if (!stopped)
        log.error({ error }, 'holds, idempotency keys and kept responses could not be looked through; the next time is soon');
    }
  };
  // What an earlier process left behind is told as soon as there is another one.
  void once();
  const timer = setInterval(() => void once(), everyMs).unref();
  return {
    stop: () => {
      stopped = true;
      clearInterval(timer);
    },
  };
}
