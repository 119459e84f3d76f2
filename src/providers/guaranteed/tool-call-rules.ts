import type { AnswerEvent } from '../../model/event.ts';
import type { GenerateRequest } from '../../model/request.ts';

export interface ToolCallRulesOptions {
  /** As the caller made it. */
  readonly request: GenerateRequest;
  /** The one tool that may be called, where the host was not told so itself. */
  readonly only?: string;
  /** True: where no tool was offered, no call passes, because a form is held and a call would stand in its place. */
  readonly offeredOnly?: boolean;
  /** Ids of calls that are in use: those of the conversation, and those that were given out for this request. */
  readonly takenIds: Set<string>;
  readonly newCallId: () => string;
}

/**
 * Makes the calls of every host alike. Each call has an id that no other call of the conversation has; arguments are never empty; calls
 * that the caller has forbidden are dropped, with a notice; an answer with calls ends for that reason. Calls that the host runs itself
 * are its own affair.
 */
export class ToolCallRules {
  readonly #options: ToolCallRulesOptions;
  readonly #answers = new Map<number, AnswerCalls>();
  readonly #told = new Set<string>();

  constructor(options: ToolCallRulesOptions) {
    this.#options = options;
  }

  take(batch: readonly AnswerEvent[]): readonly AnswerEvent[] {
    // Most answers hold no call, and their batches pass as they are.
    if (this.#answers.size === 0 && !batch.some((event) => isCall(event))) return batch;
    return batch.flatMap((event) => this.#event(event));
  }

  #event(event: AnswerEvent): readonly AnswerEvent[] {
    switch (event.kind) {
      case 'part-start':
        return this.#start(event);
      case 'part-delta': {
        const calls = this.#answers.get(event.answer);
        if (calls === undefined) return [event];
        if (calls.dropped.has(event.index)) return [];
        if (event.delta.kind === 'arguments' && event.delta.text.trim() !== '') calls.blank.delete(event.index);
        return [calls.shifted(event)];
      }
      case 'part-end': {
        const calls = this.#answers.get(event.answer);
        if (calls === undefined) return [event];
        if (calls.dropped.has(event.index)) return [];
        const end = calls.shifted(event);
        if (!calls.blank.delete(event.index)) return [end];
        return [{ ...end, kind: 'part-delta', delta: { kind: 'arguments', text: '{}' } }, end];
      }
      case 'answer-end':
        return [this.#end(event)];
      case 'answer-start':
      case 'usage':
      case 'notice':
      case 'carry':
        return [event];
    }
  }

  #start(event: PartStart): readonly AnswerEvent[] {
    const known = this.#answers.get(event.answer);
    if (!isCall(event) || event.part.kind !== 'tool-call') return [known === undefined ? event : known.shifted(event)];
    const calls = known ?? new AnswerCalls();
    this.#answers.set(event.answer, calls);
    const { name, callId } = event.part;
    const refusal = this.#refusal(name, calls.kept);
    if (refusal !== undefined) {
      calls.dropped.add(event.index);
      return this.#tell('dropped', refusal.path, refusal.message);
    }
    calls.kept++;
    calls.blank.add(event.index);
    return [...this.#foreign(name), calls.shifted({ ...event, part: { ...event.part, callId: this.#freeId(callId) } })];
  }

  /** Why a call must not reach the caller. */
  #refusal(name: string, kept: number): { readonly path: string; readonly message: string } | undefined {
    const { request, only, offeredOnly = false } = this.#options;
    if (request.toolChoice?.kind === 'none') {
      return { path: 'tool_choice', message: 'The model called a tool although it was told not to; the call was left out.' };
    }
    if (offeredOnly && request.tools.length === 0) {
      return { path: 'tools', message: 'The model called a tool although none was offered; the call was left out.' };
    }
    if (only !== undefined && name !== only) {
      return {
        path: 'tool_choice',
        message: 'The model called another tool than the one that was named; the call was left out.',
      };
    }
    if (request.parallelToolCalls !== false || kept === 0) return undefined;
    return { path: 'parallel_tool_calls', message: 'The model made several calls at once; those after the first were left out.' };
  }

  #foreign(name: string): readonly AnswerEvent[] {
    if (this.#options.request.tools.some((tool) => tool.name === name)) return [];
    return this.#tell('ignored', 'tools', 'The model called a tool that is not among those of the request.');
  }

  #tell(code: 'dropped' | 'ignored', path: string, message: string): readonly AnswerEvent[] {
    if (this.#told.has(message)) return [];
    this.#told.add(message);
    return [{ kind: 'notice', notice: { code, path, message } }];
  }

  #freeId(callId: string): string {
    const { takenIds, newCallId } = this.#options;
    const free = callId === '' || takenIds.has(callId) ? newCallId() : callId;
    takenIds.add(free);
    return free;
  }

  #end(event: AnswerEnd): AnswerEvent {
    const calls = this.#answers.get(event.answer);
    if (calls === undefined) return event;
    // A limit or a filter stays what it is: the last call may have been cut.
    if (calls.kept > 0) return event.reason === 'stop' || event.reason === 'other' ? { ...event, reason: 'tool-calls' } : event;
    return event.reason === 'tool-calls' ? { ...event, reason: 'stop' } : event;
  }
}

/** Every id that a call of the conversation has. */
export function idsOfCalls({ turns }: GenerateRequest): Set<string> {
  return new Set(turns.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === 'tool-call' ? [part.callId] : []))));
}

type PartStart = Extract<AnswerEvent, { kind: 'part-start' }>;
type AnswerEnd = Extract<AnswerEvent, { kind: 'answer-end' }>;

/** The calls of one answer. */
class AnswerCalls {
  kept = 0;
  /** Indexes of the parts that were left out; later parts move up. */
  readonly dropped = new Set<number>();
  /** Calls whose arguments have not begun. */
  readonly blank = new Set<number>();

  shifted<Event extends { readonly index: number }>(event: Event): Event {
    if (this.dropped.size === 0) return event;
    let before = 0;
    for (const index of this.dropped) if (index < event.index) before++;
    return { ...event, index: event.index - before };
  }
}

function isCall(event: AnswerEvent): boolean {
  return event.kind === 'part-start' && event.part.kind === 'tool-call' && event.part.ranBy === 'caller';
}
