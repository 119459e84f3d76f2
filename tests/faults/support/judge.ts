import { expect } from 'vitest';
import { expectRightBooks, openHolds, postedRequests, type Books, type Posted } from './books.ts';
import type { Figures } from './fault-run.ts';
import type { Asked } from './load.ts';
import { costOf, wordsSaid } from './plan.ts';

/** What the callers say against what the books say; every list of numbers of plans should be empty. */
export interface Verdict {
  /** Complete for its caller, but not in the books as it was told. */
  readonly lost: readonly number[];
  /** Charged more than once. */
  readonly doubled: readonly number[];
  /** Charged or told another amount than its words cost, or for words that nobody said. */
  readonly wrong: readonly number[];
  /** Charged although its host refused. */
  readonly chargedForNothing: readonly number[];
  /** Two replies under one key that are not the same. */
  readonly differing: readonly number[];
  readonly figures: Figures;
}

export function judge(asked: readonly Asked[], posted: readonly Posted[]): Verdict {
  const charges = Map.groupBy(
    posted.filter(({ charged }) => charged > 0n),
    ({ inputTokens }) => inputTokens ?? 0,
  );
  const chargesOf = ({ plan }: Asked): readonly Posted[] => charges.get(plan.number) ?? [];
  const numbers = (bad: (each: Asked) => boolean): readonly number[] => asked.filter(bad).map(({ plan }) => plan.number);
  const known = new Set(asked.map(({ plan }) => plan.number));
  return {
    lost: numbers((each) => !completeIdsOf(each).every((id) => chargesOf(each).some(({ answerId }) => answerId === id))),
    doubled: numbers((each) => chargesOf(each).length > 1),
    wrong: [
      ...numbers((each) => !chargesOf(each).every((charge) => isRight(each, charge)) || !isToldRight(each)),
      ...[...charges.keys()].filter((number) => !known.has(number)),
    ],
    chargedForNothing: numbers((each) => each.plan.fails === 'start' && chargesOf(each).length > 0),
    differing: numbers((each) => new Set(completeIdsOf(each)).size > 1),
    figures: {
      requests: asked.length,
      completed: asked.filter((each) => completeIdsOf(each).length > 0).length,
      'left by their caller': asked.filter(isLeft).length,
      'of those charged': asked.filter((each) => isLeft(each) && chargesOf(each).length > 0).length,
      'failed at the host': asked.filter((each) => isRefusedWith(each, 'upstream_failed')).length,
      'refused for lack of credits': asked.filter((each) => isRefusedWith(each, 'insufficient_credits')).length,
      'answered by replay': asked.flatMap(({ replies }) => replies).filter((reply) => reply.kind === 'complete' && reply.isReplay)
        .length,
    },
  };
}

/** Everything that must be so once all callers have their answers and every server has ended. Gives the figures. */
export async function expectJust(asked: readonly Asked[], books: Books): Promise<Figures> {
  await expectRightBooks(books);
  const { figures, ...faults } = judge(asked, await postedRequests(books));
  expect(faults).toEqual({ lost: [], doubled: [], wrong: [], chargedForNothing: [], differing: [] });
  expect(await openHolds(books)).toBe(0);
  return figures;
}

function isLeft({ replies }: Asked): boolean {
  return replies.some(({ kind }) => kind === 'left');
}

function isRefusedWith({ replies }: Asked, code: string): boolean {
  return replies.some((reply) => 'code' in reply && reply.code === code);
}

function completeIdsOf({ replies }: Asked): readonly string[] {
  return replies.flatMap((reply) => (reply.kind === 'complete' ? [reply.id] : []));
}

function isRight({ plan, accountId }: Asked, charge: Posted): boolean {
  const words = charge.outputTokens ?? 0;
  const mayBeLess = charge.outcome !== 'complete';
  const isSaid = mayBeLess ? words <= wordsSaid(plan) : words === plan.words;
  return charge.accountId === accountId && isSaid && charge.charged === costOf(plan.number, words);
}

function isToldRight({ plan, replies }: Asked): boolean {
  return replies.every((reply) => {
    if (reply.kind !== 'complete') return true;
    const words = Array.from({ length: plan.words }, (_, index) => `w${index + 1} `).join('');
    return reply.costUsd === Number(costOf(plan.number, plan.words)) / 1e9 && reply.text === words;
  });
}
