import { describe, expect, test } from 'vitest';
import { FlashmuxError } from '../model/fault.ts';
import { OwnedHolds } from './owned-holds.ts';

const away = new FlashmuxError('overloaded', 'The database is away.', { cause: new Error('connection lost') });
const full = new FlashmuxError('overloaded', 'Too many wait.');

function failing(error: Error): () => Promise<never> {
  return async () => {
    throw error;
  };
}

describe('a hold whose placing failed', () => {
  test('is ended by the next sweeps, whenever it would expire: it may be there all the same', async () => {
    const holds = new OwnedHolds();
    await expect(holds.place('r', failing(away))).rejects.toBe(away);
    expect([1, 2, 3, 4].map(() => holds.ownerless([]))).toEqual([['r'], ['r'], ['r'], []]);
  });

  test('is not, once another try has placed it', async () => {
    const holds = new OwnedHolds();
    await expect(holds.place('r', failing(away))).rejects.toBe(away);
    await holds.place('r', async () => ({ kind: 'placed' }));
    expect(holds.ownerless(['r'])).toEqual([]);
  });

  test('is not looked for where the store refused it without a try, or refused it for good', async () => {
    const holds = new OwnedHolds();
    await expect(holds.place('r', failing(full))).rejects.toBe(full);
    const refused = new FlashmuxError('insufficient_credits', 'There is too little.');
    await expect(holds.place('s', failing(refused))).rejects.toBe(refused);
    expect(holds.ownerless([])).toEqual([]);
  });
});
