import fc from 'fast-check';
import type { Answer } from '../../src/model/answer.ts';
import type { GenerateRequest } from '../../src/model/request.ts';
import type { Protocol } from '../../src/protocols/codec.ts';
import { answerVerdict } from './answer-pair.ts';
import { anyAnswer, anyConversation, ordinaryAnswer, ordinaryConversation } from './conversations.ts';
import type { Verdict } from './explanation.ts';
import { requestVerdict } from './request-pair.ts';

/** What came of many things that went from one protocol to another. */
export interface Figures {
  readonly runs: number;
  /** Came back as they were. */
  readonly same: number;
  /** Differed only in what the tables of losses ask no notice for. */
  readonly quiet: number;
  /** By row of the table of losses: in how many of the runs it was met. */
  readonly losses: Readonly<Record<string, number>>;
}

export interface PairFigures {
  readonly from: string;
  readonly to: string;
  readonly requests: { readonly ordinary: Figures; readonly any: Figures };
  /** Answers go the other way: a host of `to` is heard by a caller in `from`. */
  readonly answers: { readonly ordinary: Figures; readonly any: Figures };
}

export interface MeasureOptions {
  readonly runs: number;
  /** Absent: another one each time. */
  readonly seed?: number;
}

/** Throws, with the smallest example, where something was lost that no row of the tables stands for or no notice told. */
export function measurePair(from: Protocol, to: Protocol, options: MeasureOptions): PairFigures {
  const requestOf = (one: GenerateRequest): Verdict => requestVerdict(from, to, one);
  const answerOf = ([one, isStream]: readonly [Answer, boolean]): Verdict => answerVerdict(to, from, one, isStream);
  // There is less that could happen to ordinary ones.
  const fewer = { ...options, runs: Math.ceil(options.runs / 5) };
  return {
    from: from.name,
    to: to.name,
    requests: {
      ordinary: measure(ordinaryConversation, requestOf, fewer),
      any: measure(anyConversation(from.name), requestOf, options),
    },
    answers: {
      ordinary: measure(fc.tuple(ordinaryAnswer, fc.boolean()), answerOf, fewer),
      any: measure(fc.tuple(anyAnswer(to.name), fc.boolean()), answerOf, options),
    },
  };
}

function measure<Value>(
  values: fc.Arbitrary<Value>,
  verdictOf: (value: Value) => Verdict,
  { runs, seed }: MeasureOptions,
): Figures {
  let [same, quiet] = [0, 0];
  const losses = new Map<string, number>();
  const law = fc.property(values, (value) => {
    const verdict = verdictOf(value);
    if (verdict.unexplained.length > 0) throw new Error(verdict.unexplained.join('\n'));
    if (verdict.differences === 0) same += 1;
    else if (verdict.told === 0) quiet += 1;
    for (const row of verdict.losses.keys()) losses.set(row, (losses.get(row) ?? 0) + 1);
  });
  fc.assert(law, { numRuns: runs, ...(seed === undefined ? {} : { seed }) });
  return { runs, same, quiet, losses: Object.fromEntries([...losses].toSorted(([, one], [, other]) => other - one)) };
}
