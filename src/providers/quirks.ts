import type { Effort } from '../model/request.ts';
import * as shapes from './chat-shapes.ts';
import { holdsEverything, holdsNothing, type Abilities } from './guaranteed/abilities.ts';
import type { Shape } from './request-shape.ts';

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
  readonly ranges: Ranges;
  /** What the host documents of a request: nothing else reaches it. Absent: it takes, or ignores, what it does not know. */
  readonly request?: Shape;
  /** Fields of the body that the host refuses or does not have. Dropped, with a notice. */
  readonly missingFields: readonly string[];
  /** Models of the host that take less than others of it, by the host's own ids. */
  readonly models?: Readonly<Record<string, { readonly missingFields: readonly string[]; readonly ranges: Ranges }>>;
  /** The field of an assistant's message in which the host wants the thoughts of earlier turns. */
  readonly earlierThoughts: 'reasoning_content' | 'reasoning' | 'none';
  readonly cacheMarks: CacheMarks;
  /** `parts`: wishes about pictures and clips stand at each of them. */
  readonly visionWishes: 'whole' | 'parts';
  /** False: the host answers once where the model thinks or has tools. */
  readonly severalAnswersAlways: boolean;
  /** Set where there is one format of sound: how it must be called, and at which rate its bare 16-bit mono samples are streamed. */
  readonly bareSound?: { readonly format: string; readonly hertz: number };
  /** False: a content of null is refused; a message that only calls tools has no content then. */
  readonly nullContent: boolean;
  /** True: a tool without a schema of its arguments is refused. */
  readonly toolsNeedParameters: boolean;
  /** False: a developer message becomes a system message. */
  readonly developerRole: boolean;
  /** True: `json_object` is refused unless the word "json" stands in the messages. */
  readonly jsonNeedsTheWord: boolean;
  /**
   * Whether closing the connection stops the host's work and its billing. False where it bills the whole answer all the same, and
   * where nobody knows: such answers are drained after their caller left, so that the real usage is known.
   */
  readonly stopsWhenAborted: boolean;
  /** True: the host may send the thinking inside the content, between `<think>` tags. */
  readonly inlineThink: boolean;
  /** Forms of the answer and choices of a tool that the host holds by itself. */
  readonly abilities: Abilities;
}

type Ranges = Readonly<Record<string, { readonly min?: number; readonly max?: number }>>;

export type CacheMarks =
  | { readonly kind: 'as-written' }
  | { readonly kind: 'none' }
  /** `cache_control: {type: "ephemeral"}` on content parts: how many count, and which lifetimes can be named. */
  | { readonly kind: 'ephemeral'; readonly most: number; readonly lifetimes: readonly string[] };

type ThinkingSwitch =
  /** As this protocol's reader reads it: every word at once. */
  | { readonly kind: 'as-written' }
  /** `enable_thinking` and `thinking_budget` at the top; a budget and an effort exclude each other. No efforts: none is taken. */
  | { readonly kind: 'enable_thinking'; readonly efforts: readonly Effort[]; readonly preserves: boolean }
  /** Arguments of the model's chat template. No budget and no effort. */
  | { readonly kind: 'chat_template_kwargs' }
  | { readonly kind: 'reasoning_effort'; readonly efforts: readonly Effort[] }
  /** An object `reasoning` of `enabled`, `max_tokens` and `effort`, of which the last two exclude each other. */
  | { readonly kind: 'reasoning'; readonly efforts: readonly Effort[] }
  | { readonly kind: 'none' };

export type QuirksName = keyof typeof quirksRows;

/** Words of this gateway and of the platforms it stands in for; most other hosts have never heard of them. */
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
  'vl_high_resolution_images',
] as const;

const everyEffort = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;

const plain = {
  streams: true,
  usageInStream: true,
  limitFields: 'both',
  ranges: {},
  missingFields: [],
  earlierThoughts: 'none',
  cacheMarks: { kind: 'none' },
  visionWishes: 'whole',
  severalAnswersAlways: true,
  nullContent: true,
  toolsNeedParameters: false,
  developerRole: true,
  jsonNeedsTheWord: false,
  stopsWhenAborted: true,
  inlineThink: false,
  abilities: holdsEverything,
} as const satisfies Partial<Quirks>;

/** Servers that render the chat template of an open-weight model. Qwen's templates refuse a role they do not know. */
const templated = {
  ...plain,
  earlierThoughts: 'reasoning_content',
  developerRole: false,
  inlineThink: true,
  // Their samplers refuse a top_p of 0 (vllm/sampling_params.py and sglang/srt/sampling/sampling_params.py, 2026).
  ranges: { top_p: { min: 0.01 } },
  // The grammar of a form covers the whole answer, so that no call can be written (vLLM issue 39929, open in 2026-04).
  abilities: { ...holdsEverything, formBesideTools: false },
} as const satisfies Partial<Quirks>;

export const quirksRows = {
  openai: {
    ...plain,
    seen: 'OpenAI API reference and the types of the openai package 7.55.0: an argument without a name there is refused',
    request: shapes.openaiShape,
    thinking: { kind: 'reasoning_effort', efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] },
  },
  generic: {
    ...templated,
    stopsWhenAborted: false,
    seen: 'The least that servers which call themselves compatible agree on; unknown fields are ignored by most',
    ranges: {},
    missingFields: gatewayFields,
    limitFields: 'max_tokens',
    thinking: { kind: 'reasoning_effort', efforts: everyEffort },
    abilities: {
      json: 'unsure',
      schema: 'unsure',
      formBesideTools: false,
      noCall: true,
      anyCall: 'unsure',
      namedCall: 'unsure',
    },
  },
  dashscope: {
    ...plain,
    seen: 'Model Studio documentation and its table of error texts, 2026-09',
    request: shapes.dashscopeShape,
    thinking: { kind: 'enable_thinking', efforts: everyEffort, preserves: true },
    // Temperature lies in [0, 2), top_p in (0, 1], top_logprobs in [0, 5], the seed below 2^31.
    ranges: {
      temperature: { max: 1.99 },
      top_p: { min: 0.01 },
      top_logprobs: { max: 5 },
      seed: { max: 2 ** 31 - 1 },
      n: { max: 4 },
    },
    earlierThoughts: 'reasoning_content',
    // At least 1,024 tokens before a mark make an entry, which lives 5 minutes from its last use; of more marks the last 4 count.
    cacheMarks: { kind: 'ephemeral', most: 4, lifetimes: ['5m'] },
    visionWishes: 'parts',
    severalAnswersAlways: false,
    // Omni models: "wav" in the request, and PCM16 of 24 kHz in the stream, which is the only way they give sound.
    bareSound: { format: 'wav', hertz: 24_000 },
    developerRole: false,
    jsonNeedsTheWord: true,
    // Its errors: "Json mode response is not supported when enable_thinking is true", and tool_choice in thinking mode may not be
    // required or an object. `required` is unsupported on its chat face altogether, says the page of that face.
    abilities: {
      ...holdsEverything,
      json: 'without-thinking',
      schema: 'without-thinking',
      anyCall: 'never',
      namedCall: 'without-thinking',
    },
    // On OpenRouter's list of hosts that bill the full completion after an abort (its page on streaming, 2026).
    stopsWhenAborted: false,
  },
  empiriolabs: {
    ...plain,
    seen: 'EmpirioLabs model page qwen3-5-flash and its variant, 2026-11',
    request: shapes.empiriolabsShape,
    limitFields: 'max_tokens',
    thinking: { kind: 'enable_thinking', efforts: ['none', 'low', 'medium', 'high', 'max'], preserves: false },
    ranges: { max_tokens: { max: 65_536 }, thinking_budget: { max: 80_000 } },
    models: {
      'qwen3-5-flash': {
        missingFields: ['thinking_budget', 'reasoning_effort', 'stop', 'response_format'],
        ranges: { max_tokens: { max: 32_768 }, max_pixels: { max: 99_999_999 } },
      },
      'qwen3-5-flash:variant1': {
        missingFields: [
          'tool_web_extractor',
          'tool_code_interpreter',
          'tool_web_search_image',
          'tool_image_search',
          'treat_images_as_video',
          'disable_formatting',
        ],
        ranges: { max_pixels: { min: 4_096, max: 16_777_216 } },
      },
    },
    developerRole: false,
    stopsWhenAborted: false,
    // The base model lists no response_format, and the variant says "use non-thinking mode for strict schemas".
    abilities: { ...holdsNothing, noCall: true, anyCall: 'unsure', namedCall: 'unsure' },
  },
  aimlapi: {
    ...plain,
    seen: 'OpenAPI document of chat completions on the AI/ML API page of alibaba/qwen3.5-omni-flash, 2026-11',
    request: shapes.aimlapiShape,
    limitFields: 'max_tokens',
    thinking: { kind: 'enable_thinking', efforts: [], preserves: false },
    ranges: { top_p: { min: 0.01 }, seed: { min: 1 } },
    nullContent: false,
    toolsNeedParameters: true,
    developerRole: false,
    stopsWhenAborted: false,
    abilities: { ...holdsEverything, json: 'unsure', schema: 'unsure', anyCall: 'unsure', namedCall: 'unsure' },
  },
  segmind: {
    ...plain,
    seen: 'Segmind model pages qwen3.5-flash and qwen-flash (2026-11): whole answers, and no list of parameters',
    request: shapes.segmindShape,
    streams: false,
    limitFields: 'max_tokens',
    thinking: { kind: 'enable_thinking', efforts: [], preserves: false },
    developerRole: false,
    stopsWhenAborted: false,
    abilities: { ...holdsEverything, json: 'unsure', schema: 'unsure', anyCall: 'unsure', namedCall: 'unsure' },
  },
  vercel: {
    ...plain,
    seen: 'Vercel documentation of the AI Gateway: chat completions, reasoning, automatic caching (2026)',
    request: shapes.vercelShape,
    thinking: { kind: 'reasoning', efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] },
    earlierThoughts: 'reasoning',
    // Marks are passed on as they are; 4 are the most that any provider behind it takes.
    cacheMarks: { kind: 'ephemeral', most: 4, lifetimes: ['5m', '1h'] },
    stopsWhenAborted: false,
    // What a form or choice is worth depends on the provider that it picks.
    abilities: { ...holdsEverything, json: 'unsure', schema: 'unsure', anyCall: 'unsure', namedCall: 'unsure' },
  },
  openrouter: {
    ...plain,
    seen: 'The request types of @openrouter/sdk 1.3.19; OpenRouter documentation on reasoning tokens and on streaming, 2026',
    request: shapes.openrouterShape,
    thinking: { kind: 'reasoning', efforts: everyEffort },
    earlierThoughts: 'reasoning',
    cacheMarks: { kind: 'ephemeral', most: 4, lifetimes: ['5m', '1h'] },
    // Alibaba, the provider behind this model there, is on its list of those that bill the full completion after an abort.
    stopsWhenAborted: false,
    abilities: { ...holdsEverything, json: 'unsure', schema: 'unsure', anyCall: 'unsure', namedCall: 'unsure' },
  },
  vllm: {
    ...templated,
    seen: 'vllm/entrypoints/openai/chat_completion/protocol.py, 2026-11; Qwen model cards on serving, 2026',
    request: shapes.vllmShape,
    // It still reads `reasoning_content`, and renames it.
    earlierThoughts: 'reasoning',
    // A budget (`thinking_token_budget`) fails at servers that were not started with a reasoning configuration.
    thinking: { kind: 'chat_template_kwargs' },
  },
  sglang: {
    ...templated,
    seen: 'python/sglang/srt/entrypoints/openai/protocol.py, 2026-11; Qwen model cards on serving, 2026',
    request: shapes.sglangShape,
    thinking: { kind: 'chat_template_kwargs' },
  },
  'llama-server': {
    ...templated,
    seen: 'README of llama.cpp server, 2026-11',
    request: shapes.llamaServerShape,
    limitFields: 'max_tokens',
    thinking: { kind: 'chat_template_kwargs' },
    // A grammar holds the thought too (llama.cpp issues 20345 and 22537, 2026), `required` is not held with every template (issue
    // 27217, open in 2026-08), and a choice by name is read as auto.
    abilities: {
      ...templated.abilities,
      json: 'without-thinking',
      schema: 'without-thinking',
      anyCall: 'unsure',
      namedCall: 'never',
    },
  },
  ollama: {
    ...templated,
    seen: 'Ollama documentation on OpenAI compatibility, 2026-11: its list of request fields',
    request: shapes.ollamaShape,
    earlierThoughts: 'reasoning',
    limitFields: 'max_tokens',
    thinking: { kind: 'reasoning_effort', efforts: ['none', 'low', 'medium', 'high'] },
    // With a format it does not think, and without thinking it forgets the format (ollama issues 11545 and 14645, 2026-03); it lists
    // tool_choice among what it does not support.
    abilities: { ...holdsNothing, formBesideTools: false },
  },
  flashmux: {
    ...plain,
    seen: 'src/protocols/openai-chat: the same code at the other end',
    thinking: { kind: 'as-written' },
    cacheMarks: { kind: 'as-written' },
    earlierThoughts: 'reasoning_content',
  },
} as const satisfies Record<string, Quirks>;
