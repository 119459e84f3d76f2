import type { Usage } from '../../model/usage.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Flavour } from '../../protocols/openai-chat/flavour.ts';
import { writeOpenrouterFault } from './write-openrouter-fault.ts';

/**
 * A stream that fails ends with a chunk that holds both the error and a choice that finished with "error": `@openrouter/sdk` reads
 * only the one, its stream helpers only the other.
 */
export const openrouterFlavour: Flavour = {
  detailsInDeltas: true,
  sealsInSignatures: true,
  usageFields: ({ toolCalls }) => serverToolUse(toolCalls),
  lastChunk: (fault, requestId) => ({
    error: writeOpenrouterFault(fault, requestId),
    choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error', native_finish_reason: 'error' }],
  }),
};

function serverToolUse(toolCalls: Usage['toolCalls']): JsonObject {
  const executed = Object.values(toolCalls).reduce((sum, calls) => sum + calls, 0);
  if (executed === 0) return {};
  const searches = toolCalls['web_search'] ?? 0;
  return { server_tool_use_details: { web_search_requests: searches, tool_calls_executed: executed } };
}
