import { setTimeout as pause } from 'node:timers/promises';
import type { FlashmuxError } from '../../model/fault.ts';
import type { Companion } from '../companion.ts';
import { BackgroundRun, responseCancelled, type BackgroundWish } from './background-run.ts';
import type { ResponseDeps } from './response-deps.ts';

/** How often this process looks whether somebody has cancelled what it runs. */
const lookEveryMs = 500;

/** The responses that this process runs in the background. They are in flight like any request: a drain waits for them. */
export class BackgroundRuns implements Companion {
  readonly #deps: ResponseDeps;
  readonly #runs = new Map<string, BackgroundRun>();
  readonly #idleWaiters = new Set<() => void>();
  #isLooking = false;

  constructor(deps: ResponseDeps) {
    this.#deps = deps;
  }

  start(wish: BackgroundWish): void {
    const { id } = wish.envelope;
    const run = new BackgroundRun(wish, this.#deps);
    this.#runs.set(id, run);
    void run.toEnd().finally(() => {
      this.#runs.delete(id);
      if (this.#runs.size === 0) for (const wake of this.#idleWaiters) wake();
    });
    if (!this.#isLooking) void this.#look();
  }

  /** Stops one at once where it runs here; elsewhere its process finds out by itself. */
  stop(id: string): void {
    this.#runs.get(id)?.abort(responseCancelled());
  }

  stopAccepting(): void {
    // Requests bring them, and those are refused already.
  }

  abortAll(fault: FlashmuxError): void {
    for (const run of this.#runs.values()) run.abort(fault);
  }

  async idle(maxMs: number): Promise<void> {
    if (this.#runs.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, maxMs);
    this.#idleWaiters.add(resolve);
    await promise;
    this.#idleWaiters.delete(resolve);
    clearTimeout(timer);
  }

  close(): void {
    // Nothing of it is open once everything has ended.
  }

  /** As long as something runs: whether it still should. */
  async #look(): Promise<void> {
    this.#isLooking = true;
    while (this.#runs.size > 0) {
      await pause(lookEveryMs, undefined, { ref: false });
      const ids = [...this.#runs.keys()];
      try {
        const running = new Set(await this.#deps.sessions.background.running(ids));
        for (const id of ids) if (!running.has(id)) this.stop(id);
      } catch (error) {
        this.#deps.log.warn({ error }, 'it could not be seen whether responses in the background were cancelled');
      }
    }
    this.#isLooking = false;
  }
}
