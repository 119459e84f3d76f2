import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PriceList } from '../model/money.ts';
import { createPriceBook } from './price-book.ts';

const list = (id: string): PriceList => ({
  id,
  from: '2026-01-01',
  tiers: [{ rates: {} }],
  rounding: { quantum: 1n, per: 'line' },
});

test('a version is in force from its very millisecond until the next one of the same id', () => {
  const book = createPriceBook([
    { id: 'a', fromMs: 2000, priceList: list('a2') },
    { id: 'a', fromMs: 1000, priceList: list('a1') },
    { id: 'b', fromMs: 1500, priceList: list('b1') },
  ]);
  expect([999, 1000, 1999, 2000, 9e15].map((at) => book.inForce('a', at)?.id)).toEqual([undefined, 'a1', 'a1', 'a2', 'a2']);
  expect(book.inForce('c', 3000)).toBeUndefined();
  expect(book.changesMs).toEqual([1000, 1500, 2000]);
});

test('between two changes nothing changes', () => {
  const versions = fc.array(
    fc.record({ id: fc.constantFrom('a', 'b'), fromMs: fc.nat(50), priceList: fc.nat().map((n) => list(`list ${n}`)) }),
  );
  fc.assert(
    fc.property(versions, fc.integer({ min: -5, max: 60 }), fc.constantFrom('a', 'b'), (drawn, at, id) => {
      const book = createPriceBook(drawn);
      const since = book.changesMs.findLast((change) => change <= at) ?? Number.NEGATIVE_INFINITY;
      expect(book.inForce(id, since)).toBe(book.inForce(id, at));
    }),
  );
});
