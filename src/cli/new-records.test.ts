import { expect, test } from 'vitest';
import type { RecordPage, RequestRecord } from '../ledger/request-record.ts';
import { NewRecords } from './new-records.ts';

/** Records in the order of a store: the newest first, and of the same moment the greatest id. */
class Books {
  readonly #records: RequestRecord[] = [];
  asked = 0;

  add(...places: readonly (readonly [id: number, at: number])[]): void {
    for (const [id, at] of places) {
      const requestId = `req_${String(id).padStart(6, '0')}`;
      this.#records.push({ requestId, accountId: 'acme', outcome: 'complete', charged: 0n, at });
    }
    this.#records.sort((one, other) => other.at - one.at || (other.requestId < one.requestId ? -1 : 1));
  }

  async requestRecords({ before, limit }: RecordPage): Promise<readonly RequestRecord[]> {
    this.asked++;
    const from = before === undefined ? 0 : this.#records.findIndex(({ requestId }) => requestId === before.requestId) + 1;
    return this.#records.slice(from, from + limit);
  }
}

const idsOf = (records: readonly RequestRecord[]): number[] => records.map(({ requestId }) => Number(requestId.slice(4)));
const start = 1_700_000_000_000;
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);

test('each record is given once, the oldest first', async () => {
  const books = new Books();
  const records = new NewRecords(books, 'acme');
  expect(await records.next()).toEqual([]);
  books.add([1, start], [2, start + 5]);
  expect(idsOf(await records.next())).toEqual([1, 2]);
  expect(await records.next()).toEqual([]);
  books.add([3, start + 5], [4, start + 60_000]);
  expect(idsOf(await records.next())).toEqual([3, 4]);
  expect(await records.next()).toEqual([]);
});

test('a record that is written after one that ended later is given all the same', async () => {
  const books = new Books();
  const records = new NewRecords(books, 'acme');
  books.add([1, start], [3, start + 2_000]);
  expect(idsOf(await records.next())).toEqual([1, 3]);
  books.add([2, start + 1_000]);
  expect(idsOf(await records.next())).toEqual([2]);
});

test('the first look gives the newest page, and what is older never comes', async () => {
  const books = new Books();
  books.add(...range(1, 250).map((id) => [id, start + id] as const));
  const records = new NewRecords(books, 'acme');
  expect(idsOf(await records.next())).toEqual(range(151, 250));
  books.add([251, start + 251]);
  expect(idsOf(await records.next())).toEqual([251]);
});

test('many at once are read over several pages, old ones not again', async () => {
  const books = new Books();
  books.add(...range(1, 300).map((id) => [id, start] as const));
  const records = new NewRecords(books, 'acme');
  await records.next();
  books.add(...range(301, 800).map((id) => [id, start + 60_000] as const));
  expect(idsOf(await records.next())).toEqual(range(301, 800));
  expect(records.overflowed).toBe(false);
});

test('one look reads no more than a thousand, and says so', async () => {
  const books = new Books();
  const records = new NewRecords(books, 'acme');
  await records.next();
  books.add(...range(1, 1_500).map((id) => [id, start] as const));
  await records.next();
  expect(records.overflowed).toBe(true);
  expect(books.asked).toBe(11);
});
