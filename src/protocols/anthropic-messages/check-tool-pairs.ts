import { FlashmuxError } from '../../model/fault.ts';
import type { Turn } from '../../model/turn.ts';

/**
 * Refuses conversations that Anthropic refuses: a tool result without its call in the assistant's turn before it, a call whose result does
 * not come in the turn after it, an id used twice. Messages of one role in a row count as one turn, and a system message between
 * them as none. `turns` are those of `messages`, one each, so that the paths are the caller's own.
 */
export function checkToolPairs(turns: readonly Turn[]): void {
  const known = new Set<string>();
  /** Calls that wait for their result, by id, with their path. */
  const open = new Map<string, string>();
  let isAnswering = false;
  for (const [number, turn] of turns.entries()) {
    if (turn.role === 'system' || turn.role === 'developer') continue;
    const isAssistant = turn.role === 'assistant';
    if (isAssistant && isAnswering) refuseOpen(open);
    isAnswering = !isAssistant;
    for (const [index, part] of turn.parts.entries()) {
      const path = `messages[${number}].content[${index}]`;
      if (part.kind === 'tool-call') {
        if (known.has(part.callId)) throw refused(`${path}.id`, 'is the id of an earlier tool call; each must have its own.');
        known.add(part.callId);
        open.set(part.callId, path);
      } else if (part.kind === 'tool-result' && !open.delete(part.callId)) {
        const why = known.has(part.callId)
          ? 'names a tool call that has its result already, or whose turn is over; each call has one result, in the turn after it.'
          : 'names no tool call; each tool_result must follow a tool_use of the same id in the assistant message before it.';
        throw refused(`${path}.tool_use_id`, why);
      }
    }
  }
  refuseOpen(open);
}

function refuseOpen(open: ReadonlyMap<string, string>): void {
  const path = [...open.values()][0];
  if (path !== undefined) {
    throw refused(path, 'is a tool call without a result; the next user message must hold a tool_result for each tool_use.');
  }
}

function refused(param: string, why: string): FlashmuxError {
  return new FlashmuxError('invalid_request', `${param} ${why}`, { param });
}
