import { expect, test } from 'vitest';
import { createKeyRing, type KeyRing } from './key-ring.ts';

function ringOf(...keys: readonly string[]): { ring: KeyRing; passes(ms: number): void } {
  let ticks = 5_000;
  return { ring: createKeyRing(keys, { ticks: () => ticks }), passes: (ms) => void (ticks += ms) };
}

test('keys are taken in turn, each as often as the others; a key that stands twice counts once', () => {
  const { ring } = ringOf('a', 'b', 'a', 'c');
  const taken = Array.from({ length: 7 }, () => ring.take());
  expect(taken).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a']);
});

test('a ring without keys gives none', () => {
  const { ring } = ringOf();
  expect(ring.take()).toBeUndefined();
  ring.rests('a', 1_000);
  expect(ring.take()).toBeUndefined();
});

test('a key that rests is passed over until its time is up, not a moment longer', () => {
  const { ring, passes } = ringOf('a', 'b', 'c');
  ring.rests('b', 10_000);
  expect([ring.take(), ring.take(), ring.take()]).toEqual(['a', 'c', 'a']);
  passes(9_999);
  expect([ring.take(), ring.take()]).toEqual(['c', 'a']);
  passes(1);
  expect([ring.take(), ring.take(), ring.take()]).toEqual(['b', 'c', 'a']);
});

test('where all rest, the one that is back first is tried, so that the host itself says why', () => {
  const { ring } = ringOf('a', 'b', 'c');
  ring.rests('a', 30_000);
  ring.rests('b', 10_000);
  ring.rests('c', 20_000);
  expect([ring.take(), ring.take()]).toEqual(['b', 'b']);
});

test('a short rest does not cut a long one, and a key of a caller is not put among ours', () => {
  const { ring, passes } = ringOf('a', 'b');
  ring.rests('a', 600_000);
  ring.rests('a', 1_000);
  ring.rests("a caller's", 1_000);
  passes(2_000);
  expect([ring.take(), ring.take(), ring.take()]).toEqual(['b', 'b', 'b']);
});
