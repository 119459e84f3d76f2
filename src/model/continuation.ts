import type { Turn } from './turn.ts';

/**
 * Texts to be continued as they stand, without a chat template (the legacy completions). The turns of the same request say the
 * first of them as a conversation, for hosts that only chat.
 */
export interface Continuation {
  readonly prompt: Prompt;
  /** Further texts, each continued on its own: their answers follow those of the first. */
  readonly more?: readonly Prompt[];
  /** What follows the gap: the answer is what stands between the prompt and this. */
  readonly suffix?: string;
  /** The text of the prompt comes first in the answer. */
  readonly echo?: boolean;
  /** How many answers to each text are given, the likeliest first; absent: all. */
  readonly keep?: number;
  /** True: log probabilities were asked of the host for the choice alone, not by the caller. */
  readonly hidesLogprobs?: boolean;
}

export type Prompt =
  | { readonly kind: 'text'; readonly text: string }
  /** Ids in the vocabulary of the model. */
  | { readonly kind: 'tokens'; readonly tokens: readonly number[] };

/** The prompt as a conversation. Ids of tokens have no words in one: who only chats has to refuse them. */
export function promptTurns(prompt: Prompt): readonly Turn[] {
  switch (prompt.kind) {
    case 'text':
      return [{ role: 'user', parts: [{ kind: 'text', text: prompt.text }] }];
    case 'tokens':
      return [{ role: 'user', parts: [{ kind: 'opaque', protocol: 'openai-chat', value: { prompt: prompt.tokens } }] }];
  }
}
