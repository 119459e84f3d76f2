import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PinStore } from './pin-store.ts';

const runs = Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 300);

function storeOf(budgetBytes: number): { store: PinStore<string>; clock: { ms: number } } {
  const clock = { ms: 0 };
  return { clock, store: new PinStore<string>(budgetBytes, { ticks: () => clock.ms }) };
}

test('a pin lives for its lifetime and no longer, and each use begins it anew', () => {
  const { store, clock } = storeOf(100);
  store.keep('a', 'state', 10, 1_000);
  clock.ms = 999;
  expect(store.find('a')).toBe('state');
  store.use('a');
  clock.ms = 1_998;
  expect(store.find('a')).toBe('state');
  clock.ms = 1_999;
  expect(store.find('a')).toBeUndefined();
  expect(store).toMatchObject({ bytes: 0, size: 0 });
});

test('looking is no use, and a use with a shorter lifetime does not cut what is left', () => {
  const { store, clock } = storeOf(100);
  store.keep('a', 'state', 10, 1_000);
  clock.ms = 500;
  store.find('a');
  store.use('a', 100);
  clock.ms = 950;
  expect(store.find('a')).toBe('state');
  store.use('a');
  clock.ms = 1_050;
  expect(store.find('a')).toBeUndefined();
});

test('what was used longest ago is given up first', () => {
  const { store } = storeOf(30);
  for (const key of ['a', 'b', 'c']) store.keep(key, key, 10, 1_000);
  store.use('a');
  store.keep('d', 'd', 15, 1_000);
  expect(['a', 'b', 'c', 'd'].filter((key) => store.find(key) !== undefined)).toEqual(['a', 'd']);
});

test('what is larger than the budget by itself is refused, and costs the others nothing', () => {
  const { store } = storeOf(30);
  store.keep('a', 'a', 30, 1_000);
  expect(store.keep('b', 'b', 31, 1_000)).toBe(false);
  expect(store.find('a')).toBe('a');
});

test('what has expired goes before anything that lives', () => {
  const { store, clock } = storeOf(30);
  store.keep('lasting', 'l', 15, 10_000);
  store.keep('brief', 'b', 15, 10);
  clock.ms = 10;
  store.keep('new', 'n', 15, 10_000);
  expect(store.find('lasting')).toBe('l');
});

type Step =
  | { readonly kind: 'keep'; readonly key: string; readonly bytes: number; readonly lifetimeMs: number }
  | { readonly kind: 'use' | 'drop'; readonly key: string }
  | { readonly kind: 'wait'; readonly ms: number };

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('keep' as const),
    key,
    bytes: fc.integer({ min: 0, max: 60 }),
    lifetimeMs: fc.integer({ min: 1, max: 100 }),
  }),
  fc.record({ kind: fc.constantFrom('use' as const, 'drop' as const), key }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 80 }) }),
);

test('whatever comes: never more bytes than the budget, never a pin past its lifetime, and the bytes are those of the pins', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 120 }), fc.array(step, { maxLength: 60 }), (budgetBytes, steps) => {
      const { store, clock } = storeOf(budgetBytes);
      const known = new Map<string, { bytes: number; lifetimeMs: number; usedAtMs: number }>();
      for (const next of steps) {
        switch (next.kind) {
          case 'keep':
            known.delete(next.key);
            expect(store.keep(next.key, next.key, next.bytes, next.lifetimeMs)).toBe(next.bytes <= budgetBytes);
            if (next.bytes <= budgetBytes) known.set(next.key, { ...next, usedAtMs: clock.ms });
            break;
          case 'use': {
            const pin = known.get(next.key);
            if (pin !== undefined && store.find(next.key) !== undefined) pin.usedAtMs = clock.ms;
            store.use(next.key);
            break;
          }
          case 'drop':
            store.drop(next.key);
            known.delete(next.key);
            break;
          case 'wait':
            clock.ms += next.ms;
            break;
        }
        store.sweep();
        const alive = [...known].filter(([name]) => store.find(name) !== undefined);
        for (const [, { usedAtMs, lifetimeMs }] of alive) expect(clock.ms - usedAtMs).toBeLessThan(lifetimeMs);
        expect(store.size).toBe(alive.length);
        expect(store.bytes).toBe(alive.reduce((sum, [, { bytes }]) => sum + bytes, 0));
        expect(store.bytes).toBeLessThanOrEqual(budgetBytes);
      }
    }),
    { numRuns: runs },
  );
});
