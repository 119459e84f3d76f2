import type { AnswerEvent, AnswerStream } from '../../model/event.ts';
import { FlashmuxError } from '../../model/fault.ts';
import type { Attempt, Provider } from '../../model/ports.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Approach } from './approach.ts';
import { GivenAnswer } from './given-answer.ts';
import { mergedStreams } from './merged-streams.ts';
import { Opening } from './opening.ts';
import type { SchemaChecker } from './schema-checker.ts';
import { idsOfCalls, ToolCallRules } from './tool-call-rules.ts';
import { usageOfAnswers } from './usage-of-tries.ts';

export interface HeldAnswersOptions {
  readonly provider: Provider;
  readonly approach: Approach;
  readonly attempt: Attempt;
  readonly signal: AbortSignal;
  readonly checker: SchemaChecker;
  readonly newCallId: () => string;
}

/** Answers of one request that are asked for one by one are under way at the same time up to this number. */
const maxAtOnce = 4;

/**
 * The answers of a request whose form or choice is held here: each asked for by itself, so that each can be asked for again, and told as one
 * stream with one opening and one usage.
 */
export async function* heldAnswers(options: HeldAnswersOptions): AnswerStream {
  const { approach, attempt, signal, checker } = options;
  await refuseImpossible(approach, checker);
  const takenIds = idsOfCalls(attempt.request);
  const answers = Array.from({ length: attempt.request.answers ?? 1 }, (_, answer) => {
    const run = (request: GenerateRequest, isFirst: boolean): AnswerStream =>
      oneTry(options, oneOf(request, answer), isFirst, takenIds);
    return new GivenAnswer({ approach, answer, provider: attempt.provider, run, signal, checker });
  });
  const opens = answers.map((answer) => () => answer.events());
  const opening = new Opening(approach.notices);
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const batch of mergedStreams(opens, maxAtOnce)) {
      const events = opening.take(batch);
      if (events.length > 0) yield events;
    }
  } catch (error) {
    // What a cancelled answer has used is still to be told.
    if (!signal.aborted) throw error;
    failure = { error };
  }
  const usage = usageOfAnswers(answers.map((answer) => answer.usage));
  if (usage !== undefined) yield [{ kind: 'usage', usage }];
  if (failure !== undefined) throw failure.error;
}

/** What no answer could keep to is refused before anybody is asked. Throws `invalid_schema` or `invalid_request`. */
async function refuseImpossible({ form, call, request }: Approach, checker: SchemaChecker): Promise<void> {
  if (form?.kind === 'schema' && form.schema !== undefined) await checker.accept(form.schema);
  if (call?.kind !== 'function' || request.tools.some(({ name }) => name === call.name)) return;
  const message = `tool_choice names "${call.name}", which is not among the tools.`;
  throw new FlashmuxError('invalid_request', message, { param: 'tool_choice' });
}

async function* oneTry(
  { provider, approach, attempt, signal, newCallId }: HeldAnswersOptions,
  request: GenerateRequest,
  isFirst: boolean,
  takenIds: Set<string>,
): AnswerStream {
  const only = approach.call?.kind === 'function' ? { only: approach.call.name } : {};
  const calls = new ToolCallRules({ request: attempt.request, ...only, offeredOnly: true, takenIds, newCallId });
  for await (const batch of provider.run({ ...attempt, request }, signal)) {
    yield calls.take(isFirst ? batch : batch.filter((event) => isNews(event)));
  }
}

/** Of a further try nothing is told that the first has told: who answers, and what became of the request's words. */
function isNews({ kind }: AnswerEvent): boolean {
  return kind !== 'answer-start' && kind !== 'notice';
}

/** The request for one of several answers. The same seed would make them all the same. */
function oneOf(request: GenerateRequest, answer: number): GenerateRequest {
  const { answers, ...one } = request;
  const { seed } = request.sampling;
  if (answers === undefined || answer === 0 || seed === undefined) return one;
  return { ...one, sampling: { ...request.sampling, seed: (seed + answer) % 2 ** 31 } };
}
