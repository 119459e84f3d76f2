import type { AnswerEnd, FinishReason } from '../../model/event.ts';
import type { Json } from '../../model/json.ts';

type Ending = Omit<AnswerEnd, 'kind' | 'answer'>;

const words = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  error: 'end_turn',
  other: 'end_turn',
} as const satisfies Record<FinishReason, string>;

/** Words that say more than the reason they stand for, so they go back as they came. */
const exactWords = ['pause_turn', 'model_context_window_exceeded'];

/** `native` is the word of the host behind the one that answers, where that tells it (`native_stop_reason`, our own field). */
export function readStopReason(word: string, stopSequence: Json | undefined, native: Json | undefined): Ending {
  const reason = reasonOf(word);
  const stopped = typeof stopSequence === 'string' ? { stopSequence } : {};
  const isPlain = word === words[reason] || (word === 'stop_sequence' && typeof stopSequence === 'string');
  const own = typeof native === 'string' && native !== '' ? native : isPlain ? undefined : word;
  return { reason, ...(own === undefined ? {} : { providerReason: own }), ...stopped };
}

function reasonOf(word: string): FinishReason {
  switch (word) {
    case 'end_turn':
    case 'stop_sequence':
      return 'stop';
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length';
    case 'tool_use':
      return 'tool-calls';
    case 'refusal':
      return 'content-filter';
    default:
      return 'other';
  }
}

export interface StopFields {
  readonly stop_reason: string;
  readonly stop_sequence: string | null;
  /** Ours: the host's own word, where it says more than `stop_reason` can. */
  readonly native_stop_reason?: string;
}

/** The set of words is closed in the clients' types, so a host's own word stands beside the nearest one. */
export function writeStopReason({ reason, providerReason, stopSequence }: Ending): StopFields {
  const isExact = providerReason !== undefined && exactWords.includes(providerReason) && reasonOf(providerReason) === reason;
  const plain = reason === 'stop' && stopSequence !== undefined ? 'stop_sequence' : words[reason];
  const native = providerReason ?? (reason === 'error' ? 'error' : undefined);
  return {
    stop_reason: isExact ? providerReason : plain,
    stop_sequence: stopSequence ?? null,
    ...(isExact || native === undefined ? {} : { native_stop_reason: native }),
  };
}
