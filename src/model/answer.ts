import type { AnswerEnd, AnswerStart, Bill, CarryEvent } from './event.ts';
import type { Notice } from './notice.ts';
import type { Part } from './part.ts';
import type { Usage } from './usage.ts';

/** A whole answer: the fold of its events. */
export interface Answer extends Omit<AnswerStart, 'kind'> {
  readonly choices: readonly Choice[];
  readonly usage?: Usage;
  readonly bill?: Bill;
  readonly notices: readonly Notice[];
  readonly carried: readonly Omit<CarryEvent, 'kind'>[];
}

/** One of the `n` answers of a request. */
export interface Choice extends Omit<AnswerEnd, 'kind' | 'answer' | 'reason'> {
  readonly parts: readonly Part[];
  /** Absent: the answer was cut before it ended. */
  readonly reason?: AnswerEnd['reason'];
}
