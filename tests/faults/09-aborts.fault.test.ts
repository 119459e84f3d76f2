import { expect, test } from 'vitest';
import { ask, type Reply } from './support/ask.ts';
import { expectRightBooks, openHolds, postedRequests, sqliteBooks, type Posted } from './support/books.ts';
import { times, type Figures } from './support/fault-run.ts';
import { Place } from './support/place.ts';
import { costOf } from './support/plan.ts';

// Each caller leaves at a random byte: of its request, of the head of the reply, or of its stream; some of them at a random
// moment of an answer that is not streamed. Every request must end in one of the cases that the rules of settlement name.

const leavers = times({ full: 10_000, quick: 400 });
const atOnce = 64;
/** Numbers that no count of the tokens of a prompt comes near. */
const firstNumber = 10_000;

interface Left {
  readonly number: number;
  readonly words: number;
  readonly model: 'cancelled' | 'drained' | 'silent';
  readonly reply: Reply;
}

async function leave(number: number, url: string, key: string): Promise<Left> {
  const words = 1 + (number % 23);
  const model = number % 10 === 0 ? 'silent' : number % 2 === 0 ? 'drained' : 'cancelled';
  const way = Math.random();
  const when =
    way < 0.1
      ? { leavesWithinRequest: Math.floor(Math.random() * 200) }
      : way < 0.2
        ? { whole: true, leavesAfterMs: Math.random() * 60 }
        : { leavesAfterBytes: Math.floor(Math.random() * (words + 3) * 180) };
  const reply = await ask({ url, key, model, plan: { number, words, pauseMs: 5 }, ...when });
  return { number, words, model, reply };
}

/** The case of the rules that a request ended in; throws for what is none of them. */
function endOf({ number, words, model, reply }: Left, charge: Posted | undefined, calls: number): string {
  const seen = reply.kind === 'left' ? reply.wordsSeen : words;
  if (charge === undefined) {
    expect(seen, `request ${number} saw ${seen} words for nothing`).toBe(0);
    return calls === 0 ? 'left before a host was asked: free' : 'left before the first word: free';
  }
  const paid = charge.outputTokens ?? 0;
  expect(charge.charged, `request ${number}`).toBe(costOf(number, paid));
  expect(paid).toBeGreaterThanOrEqual(seen);
  expect(paid).toBeLessThanOrEqual(words);
  if (charge.outcome === 'complete') {
    expect(paid, `request ${number}`).toBe(words);
    return 'left too late, or never: the whole answer';
  }
  expect(charge.outcome, `request ${number}`).toBe('aborted');
  if (model === 'cancelled') return 'host stopped: what it had said';
  expect(paid, `request ${number} was read on`).toBe(words);
  return 'host does not stop: read on, the whole answer';
}

test('whoever leaves at whatever byte, each request ends in a case of the rules, and the ledger has the sum of their costs', async ({
  task,
}) => {
  const place = await Place.make({ balances: Array.from({ length: 8 }, () => 1_000_000_000_000n) });
  try {
    const server = await place.serve();
    const left: Left[] = [];
    let next = firstNumber;
    const caller = async (): Promise<void> => {
      while (next < firstNumber + leavers) {
        const number = next++;
        left.push(await leave(number, server.url, place.customer(number).key));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, caller));
    expect(left.filter(({ reply }) => reply.kind !== 'left' && reply.kind !== 'complete')).toEqual([]);
    expect(await server.stop()).toMatchObject({ code: 0 });
    expect(server.log()).not.toContain('"level":50');

    const books = sqliteBooks(place.dataFile);
    try {
      await expectRightBooks(books);
      expect(await openHolds(books)).toBe(0);
      expect(await books.rows(`SELECT request_id FROM holds WHERE state NOT IN ('posted', 'void')`)).toEqual([]);
      task.meta.figures = { leavers, ...countEnds(left, await postedRequests(books), place) };
    } finally {
      await books.close();
    }
  } finally {
    await place.remove();
  }
});

function countEnds(left: readonly Left[], posted: readonly Posted[], { host }: Place): Figures {
  const counted: Record<string, number> = {};
  const count = (end: string): void => void (counted[end] = (counted[end] ?? 0) + 1);
  const charged = Map.groupBy(
    posted.filter((each) => each.charged > 0n),
    ({ inputTokens }) => inputTokens ?? 0,
  );
  let sum = 0n;
  const told = left.filter(({ model }) => model !== 'silent');
  for (const each of told) {
    const charges = charged.get(each.number) ?? [];
    charged.delete(each.number);
    expect(charges.length, `request ${each.number}`).toBeLessThanOrEqual(1);
    sum += charges[0]?.charged ?? 0n;
    count(endOf(each, charges[0], host.callsOf(each.number)));
  }
  // What is left was charged for answers whose host told no usage: our own count of what was said.
  const estimated = [...charged.values()].flat();
  expect(estimated.length).toBeLessThanOrEqual(left.length - told.length);
  for (const each of estimated) {
    expect(each.charged).toBe(costOf(each.inputTokens ?? 0, each.outputTokens ?? 0));
    sum += each.charged;
    count('host told no usage: what it had said, counted here');
  }
  expect(sum).toBe(posted.reduce((all, each) => all + each.charged, 0n));
  return counted;
}
