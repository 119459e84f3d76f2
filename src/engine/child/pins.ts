import type { Clock } from '../../model/ports.ts';
import type { PinSettings } from '../wire.ts';
import { PinStore } from './pin-store.ts';

/** The states after the beginnings of prompts that callers asked to be kept. They live in this process and end with it. */
export class Pins {
  readonly store: PinStore<Buffer>;
  readonly leastTokens: number;
  readonly #budgetBytes: number;
  /** Of the shortest beginning whose state alone was larger than the budget. No longer one can be smaller. */
  #tooLongTokens: number;

  constructor({ bytes, leastTokens }: PinSettings, freeBytes: number, clock: Pick<Clock, 'ticks'>) {
    this.#budgetBytes = bytes ?? Math.min(Math.max(freeBytes / 16, 64 * 2 ** 20), 2 ** 30);
    this.#tooLongTokens = this.#budgetBytes === 0 ? 0 : Number.POSITIVE_INFINITY;
    this.leastTokens = leastTokens;
    this.store = new PinStore(this.#budgetBytes, clock);
  }

  /** Why a beginning of this length cannot be kept. */
  refusal(tokens: number): string | undefined {
    if (tokens < this.#tooLongTokens) return undefined;
    const megabytes = Math.floor(this.#budgetBytes / 2 ** 20);
    return `The state after ${tokens} tokens is larger than the ${megabytes} MiB that are kept for marked beginnings.`;
  }

  /** False: its state is too large. */
  keep(key: string, tokens: number, state: Buffer, lifetimeMs: number): boolean {
    const kept = this.store.keep(key, state, state.byteLength, lifetimeMs);
    if (!kept) this.#tooLongTokens = Math.min(this.#tooLongTokens, tokens);
    return kept;
  }
}
