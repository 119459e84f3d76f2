import { setTimeout as pause } from 'node:timers/promises';
import { FlashmuxError } from '../model/fault.ts';

const firstPauseMs = 50;
const longestPauseMs = 2_000;

/**
 * Does the work again for as long as the store says that it may succeed later: a database that restarts, a disk that is full.
 * Only for work that changes nothing when it is done twice. Throws what the work threw last.
 */
export async function persist<Result>(work: () => Promise<Result>, forMs: number): Promise<Result> {
  let waitedMs = 0;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      return await work();
    } catch (error) {
      if (!FlashmuxError.is(error) || error.code !== 'overloaded' || waitedMs >= forMs) throw error;
    }
    await pause(pauseMs);
    waitedMs += pauseMs;
  }
}
