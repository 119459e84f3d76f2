/**
 * Which holds the requests of this process own: only what nobody owns may expire, since a clock that jumps proves nothing. An end
 * that failed is tried again every few seconds, so a hold stays owned until several sweeps have seen no further try.
 */
export class OwnedHolds {
  /** By request id: sweeps since the last try to end it failed; undefined while its request runs or ends. */
  readonly #owned = new Map<string, number | undefined>();

  /** Owned from before it is placed, so that no sweep comes in between; not owned where it was not placed, or nobody knows. */
  async place<Placed extends { readonly kind: string }>(requestId: string, work: () => Promise<Placed>): Promise<Placed> {
    const wasOwned = this.#owned.has(requestId);
    this.#owned.set(requestId, undefined);
    let isPlaced = wasOwned;
    try {
      const answer = await work();
      isPlaced ||= answer.kind === 'placed';
      return answer;
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

  /** To be asked once a sweep. */
  ownerless(overdue: readonly string[]): readonly string[] {
    for (const [requestId, sweeps] of this.#owned) if (sweeps !== undefined) this.#owned.set(requestId, sweeps + 1);
    const found = overdue.filter((requestId) => !this.#isOwned(requestId));
    for (const requestId of found) this.#owned.delete(requestId);
    return found;
  }

  #isOwned(requestId: string): boolean {
    return this.#owned.has(requestId) && (this.#owned.get(requestId) ?? 0) <= sweepsWithoutTry;
  }
}

const sweepsWithoutTry = 3;
