import { describe, expect, test } from 'vitest';
import type { PriceList } from '../model/money.ts';
import { createCatalogue } from './create-catalogue.ts';
import { createPriceBook, type PriceBook } from './price-book.ts';
import { chatRequest } from './request.test-support.ts';

const list = (id: string): PriceList => ({
  id,
  from: '2026-12-01T00:00:00Z',
  tiers: [{ rates: {} }],
  rounding: { quantum: 1n, per: 'line' },
});
const book = createPriceBook([
  { id: 'qwen-flash', fromMs: 1000, priceList: list('first') },
  { id: 'qwen-flash', fromMs: 2000, priceList: list('second') },
  { id: 'qwen3.5-flash:variant1', fromMs: 1500, priceList: list('china') },
]);
const own = createCatalogue();

/** A catalogue whose clock and book the test moves. */
function movable(start: PriceBook) {
  const state = { nowMs: 0, book: start };
  const catalogue = createCatalogue({ prices: () => state.book, nowMs: () => state.nowMs });
  const priced = (model: string): string => catalogue.resolve(chatRequest(model)).priceList.id;
  return { state, catalogue, priced };
}

describe("the operator's prices", () => {
  test('replace those of the catalogue from their time on, under every name of the model', () => {
    const { state, catalogue, priced } = movable(book);
    const seen = [999, 1000, 1999, 2000].map((nowMs) => {
      state.nowMs = nowMs;
      return [priced('qwen-flash'), priced('alibaba/qwen-flash'), catalogue.find('qwen-flash')?.model.priceList.id];
    });
    const before = own.find('qwen-flash')?.model.priceList.id;
    expect(seen).toEqual([
      [before, before, before],
      ['first', 'first', 'first'],
      ['first', 'first', 'first'],
      ['second', 'second', 'second'],
    ]);
  });

  test('of a variant leave its model alone', () => {
    const { state, priced } = movable(book);
    state.nowMs = 1500;
    expect(priced('qwen3-5-flash:variant1')).toBe('china');
    expect(priced('qwen3.5-flash')).toBe(own.find('qwen3.5-flash')?.model.priceList.id);
  });

  test('win over what a place asks that answers, which wins over the catalogue, and mark-ups are added to either', () => {
    const markUps = [{ model: 'qwen*', percent: '10' }];
    const versions = [{ id: 'qwen-flash', fromMs: 1000, priceList: list('operator') }];
    const { state, catalogue } = movable(createPriceBook(versions, markUps));
    const model = own.find('qwen-flash')?.model;
    if (model === undefined) throw new Error('the catalogue has qwen-flash');
    const priced = (): string => catalogue.priceList({ ...model, hostPriceList: list('host') }).id;
    const before = priced();
    state.nowMs = 1000;
    expect([before, priced()]).toEqual(['host+10%[qwen*]', 'operator+10%[qwen*]']);
  });

  test('do not reach an order that was resolved before', () => {
    const { state, catalogue } = movable(book);
    state.nowMs = 1999;
    const order = catalogue.resolve(chatRequest('qwen-flash'));
    state.nowMs = 2000;
    expect(order.priceList.id).toBe('first');
    expect(order.model.priceList.id).toBe('first');
  });

  test('that are read anew count at once', () => {
    const { state, priced } = movable(book);
    state.nowMs = 3000;
    expect(priced('qwen-flash')).toBe('second');
    state.book = createPriceBook([{ id: 'qwen-flash', fromMs: 2000, priceList: list('corrected') }]);
    expect(priced('qwen-flash')).toBe('corrected');
  });

  test('are marked up for everybody in every listing, and for an account where it asks', () => {
    const marked = createPriceBook(
      [{ id: 'qwen-flash', fromMs: 1000, priceList: list('first') }],
      [
        { model: 'qwen*', percent: '10' },
        { model: 'qwen-flash', account: 'acme', percent: '5' },
      ],
    );
    const { state, catalogue } = movable(marked);
    state.nowMs = 1000;
    const paid = (model: string, account?: string): string => catalogue.resolve(chatRequest(model), account).priceList.id;
    expect(catalogue.find('qwen-flash')?.model.priceList.id).toBe('first+10%[qwen*]');
    expect(paid('qwen-flash')).toBe('first+10%[qwen*]');
    expect(paid('qwen-flash', 'somebody')).toBe('first+10%[qwen*]');
    // The account's rule stands in place of the other one, on the price without it.
    expect(paid('qwen-flash', 'acme')).toBe('first+5%[qwen-flash for acme]');
    const variant = own.find('qwen3.5-flash:variant1')?.variant?.priceList.id;
    expect(paid('qwen3.5-flash:variant1', 'acme')).toBe(`${variant}+10%[qwen*]`);
    expect(paid('tinyllama-1.1b-chat')).toBe(own.find('tinyllama-1.1b-chat')?.model.priceList.id);
  });

  test('change nothing else of a model, and nothing of one that has none', () => {
    const { state, catalogue } = movable(book);
    state.nowMs = 1000;
    const found = catalogue.find('qwen-flash')?.model;
    expect(found).toEqual({ ...own.find('qwen-flash')?.model, priceList: list('first') });
    expect(catalogue.find('qwen3.6-flash')?.model).toBe(own.find('qwen3.6-flash')?.model);
  });
});
