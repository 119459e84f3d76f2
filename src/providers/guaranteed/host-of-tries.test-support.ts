import type { AnswerEvent, AnswerStream, FinishReason } from '../../model/event.ts';
import type { FlashmuxError } from '../../model/fault.ts';
import type { Provider } from '../../model/ports.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { abortFault } from '../../net/abort-fault.ts';
import type { Usage } from '../../model/usage.ts';

/** What a host does at one call: events, or a fault at their end. */
export interface Try {
  readonly events: readonly AnswerEvent[];
  readonly fault?: FlashmuxError;
  /** True: after its events it waits until it is cancelled. */
  readonly hangs?: boolean;
}

export interface HostOfTries {
  readonly provider: Provider;
  /** What it was asked, in order. */
  readonly asked: GenerateRequest[];
  /** Answers that are under way now. */
  running(): number;
}

/** A host that does one thing after the other, and the last one for ever. `onHang` is told whenever it begins to wait. */
export function hostOfTries(tries: readonly Try[], onHang: () => void = () => undefined): HostOfTries {
  const asked: GenerateRequest[] = [];
  let running = 0;
  async function* playing(play: Try, signal: AbortSignal): AnswerStream {
    running++;
    try {
      for (const event of play.events) {
        if (signal.aborted) throw abortFault(signal);
        yield [event];
      }
      if (play.hangs === true) {
        onHang();
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        throw abortFault(signal);
      }
      if (play.fault !== undefined) throw play.fault;
    } finally {
      running--;
    }
  }
  return {
    asked,
    running: () => running,
    provider: {
      name: 'host',
      cancellable: true,
      run: ({ request }, signal) => {
        const next = tries[Math.min(asked.length, tries.length - 1)];
        asked.push(request);
        return playing(next ?? { events: [] }, signal);
      },
    },
  };
}

export const opening: AnswerEvent = { kind: 'answer-start', id: 'from-host', model: 'its-model' };

export function textPart(text: string, index = 0): readonly AnswerEvent[] {
  const at = { answer: 0, index };
  const pieces = text.match(/[^]{1,7}/g) ?? [];
  return [
    { kind: 'part-start', ...at, part: { kind: 'text' } },
    ...pieces.map((piece): AnswerEvent => ({ kind: 'part-delta', ...at, delta: { kind: 'text', text: piece } })),
    { kind: 'part-end', ...at },
  ];
}

export function thoughtPart(text: string, index = 0): readonly AnswerEvent[] {
  const at = { answer: 0, index };
  return [
    { kind: 'part-start', ...at, part: { kind: 'reasoning' } },
    { kind: 'part-delta', ...at, delta: { kind: 'reasoning', text } },
    { kind: 'part-end', ...at },
  ];
}

export function callPart(name: string, argumentsText: string, index = 0, callId = `call-${index}`): readonly AnswerEvent[] {
  const at = { answer: 0, index };
  const delta: AnswerEvent = { kind: 'part-delta', ...at, delta: { kind: 'arguments', text: argumentsText } };
  return [
    { kind: 'part-start', ...at, part: { kind: 'tool-call', callId, name, ranBy: 'caller' } },
    ...(argumentsText === '' ? [] : [delta]),
    { kind: 'part-end', ...at },
  ];
}

export function ending(reason: FinishReason = 'stop'): AnswerEvent {
  return { kind: 'answer-end', answer: 0, reason };
}

export function usageOf(input: number, output: number): Usage {
  return { input: { total: input }, output: { total: output }, toolCalls: {} };
}

export function used(input: number, output: number): AnswerEvent {
  return { kind: 'usage', usage: usageOf(input, output) };
}

/** A try that says a text and tells its usage. */
export function saying(text: string, input = 10, output = 5): Try {
  return { events: [opening, ...textPart(text), ending(), used(input, output)] };
}
