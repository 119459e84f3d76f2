import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzzRuns } from '../../tests/support/arbitraries/fuzz-runs.ts';
import { TokenWindow } from './token-window.ts';

const minuteMs = 60_000;
const slotMs = 100;

/** What was counted and when: every use counts until a minute after the end of the tenth of a second that it fell into. */
class PlainWindow {
  readonly #uses: { readonly tokens: number; readonly at: number }[] = [];

  count(tokens: number, at: number): void {
    this.#uses.push({ tokens, at });
  }
  /** What still counts, exactly. */
  counting(now: number): number {
    return this.#sum(({ at }) => Math.ceil(at / slotMs) * slotMs + minuteMs > now);
  }
  /** What was used in the last minute or in the last minute and a tenth of a second: bounds of any honest answer. */
  lastMinute(now: number, moreMs = 0): number {
    return this.#sum(({ at }) => at + minuteMs + moreMs > now);
  }
  #sum(counts: (use: { readonly at: number }) => boolean): number {
    return this.#uses.filter(counts).reduce((sum, { tokens }) => sum + tokens, 0);
  }
}

const steps = fc.array(
  fc.record({
    pauseMs: fc.oneof(
      fc.constantFrom(0, 1, 99, 100, 101, 59_900, 59_999, minuteMs, minuteMs + slotMs),
      fc.double({ min: 0, max: 20_000, noNaN: true }),
    ),
    tokens: fc.oneof(fc.constantFrom(0, 1, 100), fc.nat({ max: 2_000 })),
  }),
  { maxLength: 100 },
);

test('at any moment the window knows what a plain list of all uses knows', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3_000 }), steps, (limit, history) => {
      const window = new TokenWindow();
      const plain = new PlainWindow();
      let now = 0;
      for (const { pauseMs, tokens } of history) {
        now += pauseMs;
        const { remaining, retryMs, resetMs } = window.look(limit, now);
        const counting = plain.counting(now);
        expect(remaining).toBe(Math.max(0, limit - counting));
        expect(retryMs !== undefined).toBe(counting >= limit);
        expect(resetMs > 0).toBe(counting > 0);
        expect(counting).toBeGreaterThanOrEqual(plain.lastMinute(now));
        expect(counting).toBeLessThanOrEqual(plain.lastMinute(now, slotMs));
        window.count(tokens, now);
        plain.count(tokens, now);
      }
    }),
    { numRuns: fuzzRuns },
  );
});

test('what is told is kept: a refused key passes after its wait and not before, and after the reset all is back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), steps, (limit, history) => {
      const window = new TokenWindow();
      let now = 0;
      for (const { pauseMs, tokens } of history) {
        now += Math.floor(pauseMs);
        window.count(tokens, now);
      }
      const { retryMs, resetMs } = window.look(limit, now);
      if (retryMs !== undefined) {
        expect(retryMs).toBeLessThanOrEqual(resetMs);
        expect(window.look(limit, now + retryMs - 1).retryMs).toBe(1);
        expect(window.look(limit, now + retryMs).retryMs).toBeUndefined();
      }
      expect(window.look(limit, now + resetMs)).toEqual({ limit, remaining: limit, resetMs: 0 });
    }),
    { numRuns: fuzzRuns },
  );
});

test.each([Number.NaN, -5, 0, Number.NEGATIVE_INFINITY])('a count of %s is none', (tokens) => {
  const window = new TokenWindow();
  window.count(tokens, 0);
  expect(window.look(10, 0)).toEqual({ limit: 10, remaining: 10, resetMs: 0 });
});

test("a host's nonsense count refuses its key for a minute and leaves no trace afterwards", () => {
  const window = new TokenWindow();
  window.count(3, 0);
  for (const tokens of [Number.POSITIVE_INFINITY, 1e300, Number.MAX_SAFE_INTEGER]) window.count(tokens, 10);
  expect(window.look(1_000_000_000, 20)).toMatchObject({ remaining: 0, retryMs: minuteMs + slotMs - 20 });
  expect(window.look(10, minuteMs + slotMs)).toEqual({ limit: 10, remaining: 10, resetMs: 0 });
});
