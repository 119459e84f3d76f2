import { expect, test } from 'vitest';
import { ownTurn } from './own-turn.ts';

test('each gets a turn of the event loop for itself, in the order in which they asked', async () => {
  let turn = 0;
  const count = (): void => {
    turn++;
    counting = setImmediate(count);
  };
  let counting = setImmediate(count);
  const turns = await Promise.all([1, 2, 3].map(() => ownTurn().then(() => turn)));
  clearImmediate(counting);
  expect(new Set(turns).size).toBe(3);
  expect(turns).toEqual(turns.toSorted((one, other) => one - other));
});
