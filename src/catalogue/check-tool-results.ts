import { FlashmuxError } from '../model/fault.ts';
import type { GenerateRequest } from '../model/request.ts';

/**
 * Refuses the result of a call that no earlier message made: `invalid_request` with the path of its id. A model would read such a
 * result as an answer to nothing, and hosts refuse it without saying which of many messages is meant.
 */
export function checkToolResults({ turns }: GenerateRequest): void {
  const called = new Set<string>();
  for (const [number, { parts }] of turns.entries()) {
    for (const part of parts) {
      if (part.kind === 'tool-call') called.add(part.callId);
      // Calls of a kind that is not known here keep their ids to themselves.
      if (part.kind === 'opaque') return;
      if (part.kind !== 'tool-result' || called.has(part.callId)) continue;
      const param = `messages[${number}].tool_call_id`;
      throw new FlashmuxError('invalid_request', `${param} must be the id of a tool call in an assistant message before it.`, {
        param,
      });
    }
  }
}
