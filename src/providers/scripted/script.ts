import type { AnswerEnd, AnswerEvent, EventBatch, PartDelta, PartOpening } from '../../model/event.ts';
import type { FlashmuxError } from '../../model/fault.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Usage } from '../../model/usage.ts';

/** What a scripted host does, one after the other. */
export type Script = Iterable<Step>;

export type Step =
  | { readonly do: 'say'; readonly batch: EventBatch }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'fail'; readonly fault: FlashmuxError };

export function say(...events: readonly AnswerEvent[]): Step {
  return { do: 'say', batch: events };
}

export function wait(ms: number): Step {
  return { do: 'wait', ms };
}

export function fail(fault: FlashmuxError): Step {
  return { do: 'fail', fault };
}

export function begin(): Step {
  return say({ kind: 'answer-start', id: 'scripted', model: 'scripted' });
}

export function end(reason: AnswerEnd['reason'] = 'stop', answer = 0): Step {
  return say({ kind: 'answer-end', answer, reason });
}

export function open(index: number, opening: PartOpening, answer = 0): AnswerEvent {
  return { kind: 'part-start', answer, index, part: opening };
}

export function piece(index: number, delta: PartDelta, answer = 0): AnswerEvent {
  return { kind: 'part-delta', answer, index, delta };
}

export function close(index: number, answer = 0): AnswerEvent {
  return { kind: 'part-end', answer, index };
}

/** A whole part, one step a piece. */
export function* part(index: number, opening: PartOpening, deltas: readonly PartDelta[], answer = 0): Iterable<Step> {
  yield say(open(index, opening, answer));
  for (const delta of deltas) yield say(piece(index, delta, answer));
  yield say(close(index, answer));
}

export function text(index: number, words: string, answer = 0): Iterable<Step> {
  return part(index, { kind: 'text' }, textDeltas(words), answer);
}

export function reasoning(index: number, words: string): Iterable<Step> {
  const deltas = tokensOf(words).map((token) => ({ kind: 'reasoning', text: token }) as const);
  return part(index, { kind: 'reasoning' }, deltas);
}

export function textDeltas(words: string): readonly PartDelta[] {
  return tokensOf(words).map((token) => ({ kind: 'text', text: token }));
}

/** A word with the space behind it: what counts as one token here. */
export function tokensOf(words: string): readonly string[] {
  return words.match(/\S+\s*/g) ?? [];
}

export function inputTokens(request: GenerateRequest): number {
  const texts = request.turns.flatMap(({ parts }) => parts.map((each) => (each.kind === 'text' ? each.text : '')));
  return texts.reduce((sum, words) => sum + tokensOf(words).length, 0);
}

export function usage(request: GenerateRequest, outputTokens: number, reasoningTokens = 0): Step {
  return say({ kind: 'usage', usage: usageOf(request, outputTokens, reasoningTokens) });
}

export function usageOf(request: GenerateRequest, outputTokens: number, reasoningTokens = 0): Usage {
  return {
    input: { total: inputTokens(request) },
    output: { total: outputTokens, ...(reasoningTokens === 0 ? {} : { reasoning: reasoningTokens }) },
    toolCalls: {},
  };
}

export function lastUserText(request: GenerateRequest): string {
  const parts = request.turns.findLast(({ role }) => role === 'user')?.parts ?? [];
  return parts.map((each) => (each.kind === 'text' ? each.text : '')).join('');
}
