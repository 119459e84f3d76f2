import { expect, test } from 'vitest';
import { FlashmuxError } from '../../model/fault.ts';
import { errorOf, isFatal, storeFaultOf } from './store-fault.ts';

test('a fault keeps its code and words on its way between threads', () => {
  const fault = structuredClone(storeFaultOf(new FlashmuxError('conflict', 'in use')));
  expect(errorOf(fault)).toMatchObject({ code: 'conflict', message: 'in use' });
  expect(isFatal(fault)).toBe(false);
});

test.each([
  [5, 'busy'],
  [261, 'busy, in recovery'],
  [13, 'full'],
])('SQLite code %d (%s) may pass, so the caller is told to come back', (sqliteCode) => {
  const fault = { message: 'no', sqliteCode };
  expect(errorOf(fault)).toMatchObject({
    code: 'overloaded',
    retryAfterSeconds: 5,
    cause: { message: `no (SQLite code ${sqliteCode})` },
  });
  expect(isFatal(fault)).toBe(false);
});

test.each([
  [1034, 'failed fsync'],
  [522, 'short read'],
  [11, 'damaged'],
  [26, 'no database'],
])('SQLite code %d (%s) ends the store', (sqliteCode) => {
  expect(isFatal({ message: 'no', sqliteCode })).toBe(true);
});

test('a broken constraint is a bug, and ends only its own call', () => {
  const fault = { message: 'UNIQUE constraint failed', sqliteCode: 1555 };
  expect(isFatal(fault)).toBe(false);
  expect(FlashmuxError.is(errorOf(fault))).toBe(false);
});
