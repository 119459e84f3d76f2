import type { Json } from '../../model/json.ts';
import type { FinishReason } from '../../model/event.ts';

const words = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  error: 'error',
} as const;

/** The reason in the model's words. The host's own word is kept where it says more: `native_finish_reason` is OpenRouter's name for it. */
export function readFinishReason(
  word: string,
  native: Json | undefined,
): { readonly reason: FinishReason; readonly providerReason?: string } {
  const reason = reasonOf(word);
  const own = typeof native === 'string' && native !== '' ? native : word;
  return reason !== 'other' && own === words[reason] ? { reason } : { reason, providerReason: own };
}

function reasonOf(word: string): FinishReason {
  switch (word) {
    case 'stop':
    case 'length':
    case 'error':
      return word;
    case 'tool_calls':
    // The name before 2023-11, which some servers still send.
    case 'function_call':
      return 'tool-calls';
    case 'content_filter':
      return 'content-filter';
    default:
      return 'other';
  }
}

/** `other` becomes `stop`: clients with closed sets fail on words they do not know, and the host's word stands in `native_finish_reason`. */
export function writeFinishReason(reason: FinishReason): string {
  return reason === 'other' ? 'stop' : words[reason];
}
