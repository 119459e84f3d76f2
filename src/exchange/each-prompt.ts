import type { AnswerEvent, Bill, UsageEvent } from '../model/event.ts';
import { promptTurns, type Continuation, type Prompt } from '../model/continuation.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { Usage } from '../model/usage.ts';
import type { Call, Serve } from './call.ts';

/**
 * Serves a call that brings several texts to be continued as one call for each, after each other, and tells the answers as one:
 * those of the second text follow those of the first. Each is held, settled and recorded by itself, so what was written until a
 * fault is paid, and what was not begun is not. A call of one text, or of a conversation, goes through as it is.
 */
export function eachPrompt(serve: Serve, newId: (prefix: 'req' | 'gen') => string): Serve {
  return (call) => {
    const { continues } = call.request;
    return continues?.more === undefined ? serve(call) : serveEach(call, continues, [continues.prompt, ...continues.more]);
  };

  async function* serveEach(call: Call, continues: Continuation, prompts: readonly Prompt[]): ReturnType<Serve> {
    const { answers = 1 } = call.request;
    if (call.idempotency !== undefined) {
      const message = 'An Idempotency-Key stands for one prompt. Send several prompts without it, or one by one.';
      throw new FlashmuxError('invalid_request', message, { param: 'idempotency-key' });
    }
    const ends: UsageEvent[] = [];
    for (const [index, prompt] of prompts.entries()) {
      const ids = index === 0 ? {} : { requestId: newId('req'), answerId: newId('gen') };
      for await (const batch of serve({ ...callOf(call, continues, prompt), ...ids })) {
        ends.push(...batch.filter((event) => event.kind === 'usage'));
        const told = batch.filter((event) => event.kind !== 'usage' && (index === 0 || !isOpening(event)));
        if (told.length > 0) yield told.map((event) => moved(event, index * answers));
      }
    }
    yield [togetherOf(ends)];
  }
}

function callOf(call: Call, { more: _, ...continues }: Continuation, prompt: Prompt): Call {
  return { ...call, request: { ...call.request, turns: promptTurns(prompt), continues: { ...continues, prompt } } };
}

/** The first answer has said who answers, and what was done to the request. */
function isOpening({ kind }: AnswerEvent): boolean {
  return kind === 'answer-start' || kind === 'notice';
}

function moved(event: AnswerEvent, by: number): AnswerEvent {
  return 'answer' in event && event.answer !== undefined ? { ...event, answer: event.answer + by } : event;
}

function togetherOf(ends: readonly UsageEvent[]): UsageEvent {
  const bills = ends.flatMap(({ bill }) => bill ?? []);
  const [first] = bills;
  return {
    kind: 'usage',
    usage: ends.map(({ usage }) => usage).reduce((sum, usage) => sumOf(sum, usage)),
    ...(first === undefined ? {} : { bill: billOf(first, bills) }),
  };
}

function billOf({ priceListId }: Bill, bills: readonly Bill[]): Bill {
  return {
    lines: bills.flatMap(({ lines }) => lines),
    total: bills.reduce((sum, { total }) => sum + total, 0n),
    priceListId,
  };
}

const inputCounts = ['total', 'text', 'image', 'audio', 'video', 'cacheRead', 'cacheWrite'] as const;
const outputCounts = ['total', 'text', 'audio', 'reasoning', 'acceptedPrediction', 'rejectedPrediction'] as const;

function sumOf(one: Usage, other: Usage): Usage {
  const { cacheKind } = one.input;
  const tools = new Set([...Object.keys(one.toolCalls), ...Object.keys(other.toolCalls)]);
  return {
    input: { ...sums(inputCounts, one.input, other.input), ...(cacheKind === undefined ? {} : { cacheKind }) },
    output: sums(outputCounts, one.output, other.output),
    toolCalls: sums([...tools], one.toolCalls, other.toolCalls),
    ...(one.estimated === true || other.estimated === true ? { estimated: true } : {}),
  };
}

/** What neither was told stays untold. */
function sums<Name extends string>(
  names: readonly Name[],
  one: Readonly<Partial<Record<Name, number>>>,
  other: Readonly<Partial<Record<Name, number>>>,
): Readonly<Record<string, number>> {
  const told = names.filter((name) => one[name] !== undefined || other[name] !== undefined);
  return Object.fromEntries(told.map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]));
}
