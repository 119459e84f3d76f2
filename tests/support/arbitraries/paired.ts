import type { Part } from '../../../src/model/part.ts';
import type { GenerateRequest } from '../../../src/model/request.ts';
import type { Turn } from '../../../src/model/turn.ts';

/**
 * The request with a conversation that can have happened: ids of tool calls are unique, each call has one result in the turns before the
 * assistant speaks again, and no result is without its call. Protocols that check this refuse the others.
 */
export function paired(request: GenerateRequest): GenerateRequest {
  const turns: Turn[] = [];
  const known = new Set<string>();
  let open: string[] = [];
  let isAnswering = false;
  const answerOpen = (): void => {
    const parts = open.map((callId): Part => ({ kind: 'tool-result', callId, parts: [{ kind: 'text', text: 'done' }] }));
    if (parts.length > 0) turns.push({ role: 'tool', parts });
    open = [];
  };
  for (const turn of request.turns) {
    const isAssistant = turn.role === 'assistant';
    if (isAssistant && isAnswering) answerOpen();
    if (turn.role !== 'system' && turn.role !== 'developer') isAnswering = !isAssistant;
    const parts = turn.parts.flatMap((part): readonly Part[] => {
      if (part.kind === 'tool-call' && part.ranBy === 'caller') {
        const callId = known.has(part.callId) ? `${part.callId}_${known.size}` : part.callId;
        known.add(callId);
        open.push(callId);
        return [{ ...part, callId }];
      }
      if (part.kind !== 'tool-result') return [part];
      const callId = open.shift();
      return callId === undefined ? [] : [{ ...part, callId }];
    });
    if (parts.length > 0 || turn.parts.length === 0) turns.push({ ...turn, parts });
  }
  answerOpen();
  return { ...request, turns: turns.length === 0 ? [{ role: 'user', parts: [] }] : turns };
}
