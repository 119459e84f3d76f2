/**
 * Lets work that needs the context for itself (going back to an earlier state, saving one) in between the passes of the answers.
 *
 * The library holds its lock on the context for as long as any sequence has tokens queued, and an answer queues its next token
 * before the library looks (3.22.1, `dispatchPendingBatch`). With two answers being written, a third waited until one of them had
 * ended only to reset its sequence: 20 s of silence (measured). So whoever needs the context closes the gate; the answers wait
 * before their next token, the queue runs empty, and the library lets go.
 */
export class ContextGate {
  #claims = 0;
  #opened: PromiseWithResolvers<void> | undefined;

  get isClosed(): boolean {
    return this.#claims > 0;
  }

  /** Call it before anything is evaluated. Resolves at once while nobody needs the context. */
  async pass(): Promise<void> {
    while (this.#opened !== undefined) await this.#opened.promise;
  }

  /** Closes the gate for the time of the work. Several may be at work: the library's own lock keeps them apart. */
  async alone<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#claims++;
    this.#opened ??= Promise.withResolvers<void>();
    try {
      return await work();
    } finally {
      this.#claims--;
      if (this.#claims === 0) {
        this.#opened.resolve();
        this.#opened = undefined;
      }
    }
  }
}
