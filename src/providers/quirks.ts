import type { Effort } from '../model/request.ts';

/** How one kind of "compatible" host differs from the protocol as it is written. Data: a new host is a new row. */
export interface Quirks {
  /** Where the facts of the row were seen. */
  readonly seen: string;
  /** False: the host answers whole only. All others are always asked to stream, whatever the caller wants. */
  readonly streams: boolean;
  /** Whether the host knows `stream_options.include_usage`. */
  readonly usageInStream: boolean;
  /**
   * Limits of the output. `both`: the host tells `max_tokens` (answer) from `max_completion_tokens` (thinking and answer), or
   * knows both names. A name: the only one it knows.
   */
  readonly limitFields: 'both' | 'max_tokens' | 'max_completion_tokens';
  readonly thinking: ThinkingSwitch;
  /** Smallest and largest values; what lies outside is moved to the end, with a notice. */
  readonly ranges: Readonly<Record<string, { readonly min?: number; readonly max?: number }>>;
  /** Fields of the body that the host refuses or does not have. Dropped, with a notice. */
  readonly missingFields: readonly string[];
  /** False: a developer message becomes a system message. */
  readonly developerRole: boolean;
  /** True: `json_object` is refused unless the word "json" stands in the messages. */
  readonly jsonNeedsTheWord: boolean;
  /** False: the host refuses `json_object` while the model thinks. */
  readonly jsonWhileThinking: boolean;
  /**
   * Whether closing the connection stops the host's work and its billing. False where it bills the whole answer all the same, and
   * where nobody knows: such answers are drained after their caller left, so that the real usage is known.
   */
  readonly stopsWhenAborted: boolean;
  /** True: the host may send the thinking inside the content, between `<think>` tags. */
  readonly inlineThink: boolean;
}

type ThinkingSwitch =
  /** As this protocol's reader reads it: every word at once. */
  | { readonly kind: 'as-written' }
  /** `enable_thinking` and `thinking_budget` at the top; a budget and an effort exclude each other. */
  | { readonly kind: 'enable_thinking' }
  /** Arguments of the model's chat template. No budget and no effort. */
  | { readonly kind: 'chat_template_kwargs' }
  | { readonly kind: 'reasoning_effort'; readonly efforts: readonly Effort[] }
  | { readonly kind: 'none' };

export type QuirksName = keyof typeof quirksRows;

/** Words of this gateway and of the platforms it stands in for; other hosts have never heard of them. */
const gatewayFields = [
  'tool_web_search',
  'tool_web_extractor',
  'tool_code_interpreter',
  'tool_web_search_image',
  'tool_image_search',
  'disable_formatting',
  'treat_images_as_video',
  'video_fps',
  'max_pixels',
] as const;

const plain = {
  streams: true,
  usageInStream: true,
  limitFields: 'both',
  ranges: {},
  missingFields: [...gatewayFields, 'vl_high_resolution_images'],
  developerRole: true,
  jsonNeedsTheWord: false,
  jsonWhileThinking: true,
  stopsWhenAborted: true,
  inlineThink: false,
} as const satisfies Partial<Quirks>;

/** Servers that render the chat template of an open-weight model. Qwen's templates refuse a role they do not know. */
const templated = { ...plain, developerRole: false, inlineThink: true } as const;

export const quirksRows = {
  openai: {
    ...plain,
    seen: 'OpenAI API reference and the types of the openai package 7.55.0: an argument without a name there is refused',
    thinking: { kind: 'reasoning_effort', efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] },
    missingFields: [...plain.missingFields, 'top_k', 'min_p', 'repetition_penalty'],
  },
  generic: {
    ...templated,
    stopsWhenAborted: false,
    seen: 'The least that servers which call themselves compatible agree on; unknown fields are ignored by most',
    limitFields: 'max_tokens',
    thinking: { kind: 'reasoning_effort', efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] },
  },
  dashscope: {
    ...plain,
    seen: 'Model Studio documentation and its table of error texts, 2026-09',
    thinking: { kind: 'enable_thinking' },
    // Temperature lies in [0, 2), top_p in (0, 1], top_logprobs in [0, 5], the seed below 2^31.
    ranges: {
      temperature: { max: 1.99 },
      top_p: { min: 0.01 },
      top_logprobs: { max: 5 },
      seed: { max: 2 ** 31 - 1 },
    },
    missingFields: [...gatewayFields, 'frequency_penalty', 'min_p', 'logit_bias'],
    developerRole: false,
    jsonNeedsTheWord: true,
    jsonWhileThinking: false,
    // On OpenRouter's list of hosts that bill the full completion after an abort (its page on streaming, 2026).
    stopsWhenAborted: false,
  },
  vllm: {
    ...templated,
    seen: 'vLLM documentation on extra parameters of the chat API; Qwen model cards on serving, 2026',
    thinking: { kind: 'chat_template_kwargs' },
  },
  sglang: {
    ...templated,
    seen: 'SGLang documentation on the OpenAI APIs; Qwen model cards on serving, 2026',
    thinking: { kind: 'chat_template_kwargs' },
  },
  'llama-server': {
    ...templated,
    seen: 'README of llama.cpp server, 2026',
    limitFields: 'max_tokens',
    thinking: { kind: 'chat_template_kwargs' },
  },
  ollama: {
    ...templated,
    seen: 'Ollama documentation on OpenAI compatibility, 2026: its list of request fields',
    limitFields: 'max_tokens',
    thinking: { kind: 'reasoning_effort', efforts: ['none', 'low', 'medium', 'high'] },
    missingFields: [...plain.missingFields, 'logit_bias', 'n', 'top_k', 'min_p', 'repetition_penalty'],
  },
  flashmux: {
    ...plain,
    seen: 'src/protocols/openai-chat: the same code at the other end',
    thinking: { kind: 'as-written' },
    missingFields: [],
  },
} as const satisfies Record<string, Quirks>;
