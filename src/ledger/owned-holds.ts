import { FlashmuxError } from '../model/fault.ts';

/**
 * Which holds the requests of this process own: only what nobody owns may expire, since a clock that jumps proves nothing. An end
 * that failed is tried again every few seconds, so a hold stays owned until several sweeps have seen no further try.
 */
export class OwnedHolds {
  /** By request id: sweeps since the last try to end it failed; undefined while its request runs or ends. */
  readonly #owned = new Map<string, number | undefined>();
  /** Requests that were refused because the store failed them: it may have placed their holds all the same. In sweeps since then. */
  readonly #unsure = new Map<string, number>();

  /**
   * Owned from before it is placed, so that no sweep comes in between. Where nobody knows whether it was placed it is not owned,
   * and the next sweeps end it should it be there: its key and its credits are wanted for another try.
   */
  async place<Placed extends { readonly kind: string }>(requestId: string, work: () => Promise<Placed>): Promise<Placed> {
    const wasOwned = this.#owned.has(requestId);
    this.#owned.set(requestId, undefined);
    let isPlaced = wasOwned;
    try {
      const answer = await work();
      isPlaced ||= answer.kind === 'placed';
      return answer;
    } catch (error) {
      if (!isPlaced && mayHaveHappened(error)) this.#unsure.set(requestId, 0);
      throw error;
    } finally {
      if (!isPlaced) this.#owned.delete(requestId);
    }
  }

  async end<Result>(requestId: string, work: () => Promise<Result>): Promise<Result> {
    this.#owned.set(requestId, undefined);
    try {
      const result = await work();
      this.#owned.delete(requestId);
      return result;
    } catch (error) {
      this.#owned.set(requestId, 0);
      throw error;
    }
  }

  /** Those to end, of the overdue ones and of those that may have been placed for nobody. To be asked once a sweep. */
  ownerless(overdue: readonly string[]): readonly string[] {
    const unsure = [...this.#unsure.keys()].slice(0, mostUnsureOfSweep);
    for (const requestId of unsure) {
      const sweeps = (this.#unsure.get(requestId) ?? 0) + 1;
      // A commit that was under way when the store was given up may come after the first look.
      if (sweeps < sweepsUntilSure) this.#unsure.set(requestId, sweeps);
      else this.#unsure.delete(requestId);
    }
    for (const [requestId, sweeps] of this.#owned) if (sweeps !== undefined) this.#owned.set(requestId, sweeps + 1);
    const found = overdue.filter((requestId) => !this.#isOwned(requestId));
    for (const requestId of found) this.#owned.delete(requestId);
    return [...new Set([...found, ...unsure.filter((requestId) => !this.#isOwned(requestId))])];
  }

  #isOwned(requestId: string): boolean {
    return this.#owned.has(requestId) && (this.#owned.get(requestId) ?? 0) <= sweepsWithoutTry;
  }
}

const sweepsWithoutTry = 3;
const sweepsUntilSure = 3;
/** They are looked for in one transaction. */
const mostUnsureOfSweep = 1_000;

/** A store that refuses without having tried names no cause. */
function mayHaveHappened(error: unknown): boolean {
  return !FlashmuxError.is(error) || (error.code === 'overloaded' && error.cause !== undefined);
}
