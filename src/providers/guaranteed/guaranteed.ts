import { changedStream } from '../../model/changed-stream.ts';
import type { AnswerStream } from '../../model/event.ts';
import type { Attempt, Provider } from '../../model/ports.ts';
import { withDeadlines } from '../with-deadlines.ts';
import type { Abilities } from './abilities.ts';
import { approach, type Approach } from './approach.ts';
import { heldAnswers } from './held-answers.ts';
import { Opening } from './opening.ts';
import { PassingAnswer } from './passing-answer.ts';
import type { SchemaChecker } from './schema-checker.ts';
import { idsOfCalls, ToolCallRules } from './tool-call-rules.ts';

export interface GuaranteedDeps {
  readonly checker: SchemaChecker;
  /** From telemetry, which is where ids come from. */
  readonly newCallId: () => string;
}

/**
 * A provider that behaves as every other one where a form of the answer or a tool is asked for, whatever its host can do. What the host
 * holds is left to it and streams; the rest is done here: the model is instructed, its text waits until it is whole and found right, and
 * it is asked again, twice at most. docs/decisions/0012 says why, docs/structured-output.md what callers see.
 */
export function guaranteed(provider: Provider, abilities: Abilities, deps: GuaranteedDeps): Provider {
  return {
    name: provider.name,
    cancellable: provider.cancellable,
    holds: (request) => approach(request, abilities).holds,
    run: (attempt, signal) => {
      const way = approach(attempt.request, abilities);
      if (!way.holds) return passing(provider, way, attempt, signal, deps);
      // The deadline of the whole answer holds for all tries together; each has those of its own events.
      const { firstEventMs, totalMs } = attempt.deadlines;
      const watched = { provider: attempt.provider, deadlines: { firstEventMs, totalMs } };
      const options = { provider, approach: way, attempt, ...deps };
      return withDeadlines(watched, signal, (inner) => heldAnswers({ ...options, signal: inner }));
    },
    ...(provider.countInput === undefined ? {} : { countInput: countedBy(provider, abilities) }),
  };
}

/** The instructions count too. */
function countedBy(provider: Provider, abilities: Abilities): NonNullable<Provider['countInput']> {
  return async (request, signal) => {
    const counted = provider.countInput?.(approach(request, abilities).request, signal);
    return counted ?? Promise.reject(new TypeError(`provider "${provider.name}" no longer counts`));
  };
}

function passing(
  provider: Provider,
  way: Approach,
  attempt: Attempt,
  signal: AbortSignal,
  { checker, newCallId }: GuaranteedDeps,
): AnswerStream {
  const calls = new ToolCallRules({ request: attempt.request, takenIds: idsOfCalls(attempt.request), newCallId });
  const isChecked = way.form !== undefined || way.call !== undefined;
  const answer = isChecked ? new PassingAnswer(way, checker) : undefined;
  const opening = new Opening(way.notices);
  return changedStream(provider.run({ ...attempt, request: way.request }, signal), (batch) => {
    const told = calls.take(opening.take(batch));
    return answer === undefined ? told : answer.take(told);
  });
}
