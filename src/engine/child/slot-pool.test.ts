import { expect, test } from 'vitest';
import { SlotPool, type PoolSlot } from './slot-pool.ts';

const never = new AbortController().signal;

/** A sequence that remembers one word; a prompt with that word needs no evaluation there. */
class WordSlot implements PoolSlot<string> {
  lastUsed = 0;
  word: string | undefined;
  readonly name: string;

  constructor(name: string, word?: string) {
    this.name = name;
    this.word = word;
  }

  reusableTokens(plan: string): number {
    return plan === this.word ? 100 : 0;
  }

  lostTokens(plan: string): number {
    return this.word === undefined || plan === this.word ? 0 : 100;
  }
}

test('a prompt gets the sequence that remembers it, a new one the sequence that was used longest ago', async () => {
  const slots = [new WordSlot('a', 'apple'), new WordSlot('b', 'berry'), new WordSlot('c')];
  const pool = new SlotPool<string, WordSlot>(slots);
  const used = [];
  for (const word of ['berry', 'apple', 'cherry', 'date', 'apple']) {
    const owner = {};
    const slot = await pool.acquire(owner, word, never);
    if (slot === undefined) throw new Error('there was a free one');
    slot.word = word;
    used.push(slot.name);
    pool.release(owner, slot);
  }
  // The date finds b the longest unused: a and c came after it.
  expect(used).toEqual(['b', 'a', 'c', 'b', 'a']);
});

test('a request for many answers lets another in before its second', async () => {
  const slot = new WordSlot('only');
  const pool = new SlotPool<string, WordSlot>([slot, new WordSlot('second')]);
  const greedy = { name: 'greedy' };
  const modest = { name: 'modest' };
  const order: string[] = [];
  const wait = (owner: { name: string }): Promise<WordSlot | undefined> =>
    pool.acquire(owner, 'x', never).then((granted) => {
      order.push(owner.name);
      return granted;
    });
  const [first] = await Promise.all([wait(greedy), wait(greedy)]);
  const later = [wait(greedy), wait(greedy), wait(modest)];
  expect(pool.queued).toBe(3);
  if (first !== undefined) pool.release(greedy, first);
  await later[2];
  expect(order).toEqual(['greedy', 'greedy', 'modest']);
  expect(pool).toMatchObject({ active: 2, queued: 2 });
});

test('who leaves the queue is told so and forgotten', async () => {
  const pool = new SlotPool<string, WordSlot>([new WordSlot('only')]);
  const owner = {};
  const held = await pool.acquire(owner, 'x', never);
  const abort = new AbortController();
  const waiting = pool.acquire({}, 'x', abort.signal);
  abort.abort();
  expect(await waiting).toBeUndefined();
  expect(await pool.acquire({}, 'x', AbortSignal.abort())).toBeUndefined();
  if (held !== undefined) pool.release(owner, held);
  expect(pool).toMatchObject({ active: 0, queued: 0 });
  expect(await pool.acquire({}, 'x', never)).toBe(held);
});
