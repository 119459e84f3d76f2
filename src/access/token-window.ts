import { askAgainMs, minuteMs, type Allowance } from './allowance.ts';

/** Tokens that are counted within the same tenth of a second leave together: a key has at most 601 slots, however busy it is. */
const slotMs = 100;
/** A host's nonsense count refuses its key for a minute, but never makes a sum inexact. No request can have used so many. */
const mostTokens = 1_000_000_000;

interface Slot {
  /** When it stops to count. */
  readonly leavesAt: number;
  readonly tokens: number;
}

/**
 * The tokens of one key in the last minute, each request's counted when it has ended: before that nobody knows them. Whatever was
 * counted stays for a minute and up to a tenth of a second more. A key is refused while the sum is at its limit or above: the
 * request that reaches the limit still passes, and what it used beyond the limit is waited for by those after it.
 */
export class TokenWindow {
  /** The oldest first. */
  #slots: Slot[] = [];
  #sum = 0;

  /** `now`: milliseconds on a clock that never goes back. */
  count(tokens: number, now: number): void {
    if (!(tokens > 0)) return;
    const counted = Math.min(Math.ceil(tokens), mostTokens);
    const leavesAt = Math.ceil(now / slotMs) * slotMs + minuteMs;
    const last = this.#slots.at(-1);
    if (last?.leavesAt === leavesAt) this.#slots[this.#slots.length - 1] = { leavesAt, tokens: last.tokens + counted };
    else this.#slots.push({ leavesAt, tokens: counted });
    this.#sum += counted;
  }

  /** Its `retryMs` says that a request which came now would be refused. `elsewhere`: tokens that other processes count. */
  look(limit: number, now: number, elsewhere = 0): Allowance {
    const sum = this.counted(now) + elsewhere;
    const last = this.#slots.at(-1);
    const ownResetMs = last === undefined ? 0 : last.leavesAt - now;
    // When the others' minute ends is not known here; it is over in a minute.
    const allowance = { limit, remaining: Math.max(0, limit - sum), resetMs: elsewhere > 0 ? minuteMs : ownResetMs };
    return sum < limit ? allowance : { ...allowance, retryMs: this.#belowAt(limit - elsewhere, now) - now };
  }

  /** Tokens of the last minute. */
  counted(now: number): number {
    this.#forget(now);
    return this.#sum;
  }

  /** When enough will have left for the sum to be below the limit. */
  #belowAt(limit: number, now: number): number {
    if (limit < 1) return now + askAgainMs;
    let rest = this.#sum;
    let at = 0;
    for (const { leavesAt, tokens } of this.#slots) {
      if (rest < limit) break;
      rest -= tokens;
      at = leavesAt;
    }
    return at;
  }

  #forget(now: number): void {
    const staying = this.#slots.findIndex(({ leavesAt }) => leavesAt > now);
    for (const { tokens } of this.#slots.splice(0, staying === -1 ? this.#slots.length : staying)) this.#sum -= tokens;
  }
}
