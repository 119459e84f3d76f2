import { any, forms, list, object, type Shape } from './request-shape.ts';

/*
 * The requests of chat completions as each host documents them: fields, parts of messages, fields of parts. The tests in tests/wire hold
 * what is sent against a schema of each host that was written from its documentation a second time.
 */

/** Content parts, by their `type`. `beside` are fields of a part beside its own. */
const part = {
  text: (...beside: readonly string[]) => ({ text: object(any('type', 'text', ...beside)) }),
  image: (...beside: readonly string[]) => ({
    image_url: object({ ...any('type', ...beside), image_url: object(any('url', 'detail')) }),
  }),
  video: (...beside: readonly string[]) => ({
    video_url: object({ ...any('type', ...beside), video_url: object(any('url')) }),
  }),
  frames: (...beside: readonly string[]) => ({ video: object(any('type', 'video', ...beside)) }),
  sound: (...beside: readonly string[]) => ({
    input_audio: object({ ...any('type', ...beside), input_audio: object(any('data', 'format')) }),
  }),
  document: (...beside: readonly string[]) => ({
    file: object({ ...any('type', ...beside), file: object(any('file_data', 'file_id', 'filename')) }),
  }),
  refusal: () => ({ refusal: object(any('type', 'refusal')) }),
} as const;

function parts(...each: readonly Readonly<Record<string, Shape>>[]): Shape {
  return list(forms('type', Object.assign({}, ...each)));
}

const calls = list(object({ ...any('id', 'type'), function: object(any('name', 'arguments')) }));

function functionTool(...beside: readonly string[]): Shape {
  return object({ ...any('type', ...beside), function: object(any('name', 'description', 'parameters', 'strict')) });
}

function tools(...beside: readonly string[]): Shape {
  return list(functionTool(...beside));
}

interface Messages {
  readonly system: Shape;
  readonly user: Shape;
  readonly assistant: Shape;
  readonly tool: Shape;
  /** Fields of the assistant's messages beside content and calls. */
  readonly said?: readonly string[];
  /** True: messages have names, but for those of tools. */
  readonly named?: boolean;
}

function messages({ system, user, assistant, tool, said = [], named = false }: Messages): Shape {
  const name = named ? any('name') : {};
  const instructions = object({ ...any('role'), ...name, content: system });
  return list(
    forms('role', {
      system: instructions,
      developer: instructions,
      user: object({ ...any('role'), ...name, content: user }),
      assistant: object({ ...any('role', ...said), ...name, content: assistant, tool_calls: calls }),
      tool: object({ ...any('role', 'tool_call_id'), content: tool }),
    }),
  );
}

const everybodys = ['model', 'temperature', 'top_p', 'stop', 'tool_choice', 'response_format', 'stream'] as const;
const usageOption = { stream_options: object(any('include_usage')) };
const penalties = ['frequency_penalty', 'presence_penalty'] as const;
const logprobs = ['logprobs', 'top_logprobs'] as const;
const limits = ['max_tokens', 'max_completion_tokens'] as const;

const openaiFields: Readonly<Record<string, Shape>> = {
  ...any(...everybodys, ...penalties, ...logprobs, ...limits),
  ...any('function_call', 'functions', 'logit_bias', 'metadata', 'modalities', 'moderation', 'n', 'parallel_tool_calls'),
  ...any('prediction', 'prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention', 'reasoning_effort'),
  ...any('safety_identifier', 'seed', 'service_tier', 'store', 'user', 'verbosity', 'web_search_options'),
  audio: object(any('format', 'voice')),
  stream_options: object(any('include_usage', 'include_obfuscation')),
};

/** OpenAI's reference, and the types of the openai package 7.55.0. */
export const openaiShape = object({
  ...openaiFields,
  tools: list(forms('type', { function: functionTool(), custom: 'any' })),
  messages: messages({
    system: parts(part.text()),
    user: parts(part.text(), part.image(), part.sound(), part.document()),
    assistant: parts(part.text(), part.refusal()),
    tool: parts(part.text()),
    said: ['refusal', 'audio', 'function_call'],
    named: true,
  }),
});

const frameWishes = ['fps', 'min_pixels', 'max_pixels', 'total_pixels', 'cache_control'] as const;

/** Model Studio's reference of the chat API (2026-09). `stop_token_ids` and other fields of its native API are not among it. */
export const dashscopeShape = object({
  ...any(...everybodys, ...logprobs, ...limits),
  ...any('top_k', 'repetition_penalty', 'presence_penalty', 'n', 'seed', 'parallel_tool_calls'),
  ...any('enable_thinking', 'thinking_budget', 'preserve_thinking', 'reasoning_effort'),
  ...any('enable_search', 'search_options', 'enable_code_interpreter', 'vl_high_resolution_images'),
  modalities: 'any',
  audio: object(any('voice', 'format')),
  asr_options: object(any('language', 'enable_itn')),
  ...usageOption,
  tools: tools(),
  messages: messages({
    system: parts(part.text('cache_control')),
    user: parts(
      part.text('cache_control'),
      part.image('min_pixels', 'max_pixels', 'cache_control'),
      part.video(...frameWishes),
      part.frames(...frameWishes),
      part.sound('cache_control'),
    ),
    assistant: parts(part.text('cache_control')),
    tool: parts(part.text('cache_control')),
    said: ['reasoning_content', 'partial'],
  }),
});

/** The parameter tables of both variants on EmpirioLabs' page (2026-11), on the endpoint that it says is OpenAI's. */
export const empiriolabsShape = object({
  ...any(...everybodys, 'max_tokens', 'parallel_tool_calls'),
  ...any('enable_thinking', 'thinking_budget', 'reasoning_effort'),
  ...any('vl_high_resolution_images', 'max_pixels', 'video_fps', 'treat_images_as_video', 'disable_formatting'),
  ...any('tool_web_search', 'tool_web_extractor', 'tool_code_interpreter', 'tool_web_search_image', 'tool_image_search'),
  ...usageOption,
  tools: tools(),
  messages: messages({
    system: parts(part.text()),
    user: parts(part.text(), part.image(), part.video()),
    assistant: parts(part.text()),
    tool: parts(part.text()),
  }),
});

/** The OpenAPI document on AI/ML API's page (2026-11), which forbids further fields in messages of the system and of tools. */
export const aimlapiShape = object({
  ...any('model', 'temperature', 'top_p', 'stop', 'stream', 'max_tokens', 'seed', 'parallel_tool_calls'),
  ...any(...penalties, ...logprobs),
  ...any('logit_bias', 'modalities', 'enable_thinking', 'thinking_budget', 'response_format', 'tool_choice'),
  audio: object(any('format', 'voice')),
  prediction: object(any('type', 'content')),
  ...usageOption,
  tools: tools(),
  messages: messages({
    system: parts(part.text()),
    user: parts(part.text(), part.image(), part.sound(), part.video()),
    assistant: parts(part.text(), part.refusal()),
    tool: 'text',
    said: ['refusal', 'audio'],
    named: true,
  }),
});

/**
 * Segmind's pages (seeds 000 and 001) show messages alone, name `enable_thinking` and calls of tools, and call the API compatible with
 * OpenAI's: of that one, what every server of it has. Content becomes a string afterwards, in segmind/as-strings.ts.
 */
export const segmindShape = object({
  ...any('model', 'temperature', 'top_p', 'stop', 'max_tokens', 'response_format', 'tool_choice', 'enable_thinking'),
  tools: tools(),
  messages: messages({ system: 'any', user: 'any', assistant: 'any', tool: 'any' }),
});

/** "The same specification as the OpenAI Chat Completions API", with its object for thinking and with cache marks (Vercel, 2026). */
export const vercelShape = object({
  ...openaiFields,
  reasoning: object(any('enabled', 'max_tokens', 'effort', 'exclude')),
  providerOptions: 'any',
  tools: tools(),
  messages: messages({
    system: parts(part.text('cache_control')),
    user: parts(part.text('cache_control'), part.image('cache_control'), part.sound(), part.document('cache_control')),
    assistant: parts(part.text('cache_control')),
    tool: parts(part.text('cache_control')),
    said: ['refusal', 'audio', 'reasoning', 'reasoning_details'],
    named: true,
  }),
});

/** The request of @openrouter/sdk 1.3.19, without the wishes about routes: those are this server's to fulfil. */
export const openrouterShape = object({
  ...any(...everybodys, ...penalties, ...logprobs, ...limits),
  ...any('logit_bias', 'metadata', 'min_p', 'modalities', 'parallel_tool_calls', 'prediction', 'prompt_cache_key'),
  ...any('prompt_cache_options', 'repetition_penalty', 'seed', 'service_tier', 'session_id', 'top_a', 'top_k', 'user'),
  ...any('plugins', 'image_config', 'trace'),
  reasoning: object(any('enabled', 'effort', 'max_tokens', 'exclude', 'summary')),
  ...usageOption,
  tools: tools('cache_control'),
  messages: messages({
    system: parts(part.text('cache_control')),
    user: parts(part.text('cache_control'), part.image(), part.sound(), part.video(), part.document()),
    assistant: parts(part.text('cache_control')),
    tool: parts(part.text('cache_control')),
    said: ['refusal', 'audio', 'reasoning', 'reasoning_details'],
    named: true,
  }),
});

const serversOwn = ['top_k', 'min_p', 'repetition_penalty', 'logit_bias', 'n', 'seed', 'user', 'parallel_tool_calls'] as const;
const decoding = ['min_tokens', 'stop_token_ids', 'ignore_eos', 'skip_special_tokens', 'continue_final_message'] as const;

/** vllm/entrypoints/openai/chat_completion/protocol.py (2026-11): what says how to answer, not how to spread the work. */
export const vllmShape = object({
  ...any(...everybodys, ...penalties, ...logprobs, ...limits, ...serversOwn, ...decoding),
  ...any('reasoning_effort', 'thinking_token_budget', 'include_reasoning', 'chat_template', 'chat_template_kwargs'),
  ...any('structured_outputs', 'bad_words', 'allowed_token_ids', 'length_penalty', 'include_stop_str_in_output', 'documents'),
  ...any('add_generation_prompt', 'add_special_tokens', 'echo', 'prompt_logprobs', 'truncate_prompt_tokens', 'truncation_side'),
  ...any('spaces_between_special_tokens', 'mm_processor_kwargs', 'media_io_kwargs', 'cache_salt', 'priority', 'vllm_xargs'),
  ...any('repetition_detection', 'session_id'),
  stream_options: object(any('include_usage', 'continuous_usage_stats')),
  tools: tools(),
  messages: messages({
    system: parts(part.text()),
    user: parts(part.text(), part.image(), part.sound(), part.video(), part.document()),
    assistant: parts(part.text(), part.refusal()),
    tool: parts(part.text()),
    said: ['reasoning', 'refusal', 'audio'],
    named: true,
  }),
});

/** python/sglang/srt/entrypoints/openai/protocol.py (2026-11): what says how to answer. Sound has another part there. */
export const sglangShape = object({
  ...any(...everybodys, ...penalties, ...logprobs, ...limits, ...serversOwn, ...decoding),
  ...any('reasoning_effort', 'separate_reasoning', 'stream_reasoning', 'chat_template_kwargs'),
  ...any('regex', 'ebnf', 'stop_regex', 'no_stop_trim', 'lora_path', 'session_id', 'session_params', 'images_config'),
  ...any('custom_params', 'cache_salt', 'priority', 'return_cached_tokens_details'),
  ...usageOption,
  tools: tools(),
  messages: messages({
    system: parts(part.text()),
    user: parts(part.text(), part.image(), part.video()),
    assistant: parts(part.text()),
    tool: parts(part.text()),
    said: ['reasoning_content'],
  }),
});

/** README of llama.cpp's server on chat completions (2026-11): OpenAI's request, and the fields of its own `/completion`. */
export const llamaServerShape = object({
  ...any(...everybodys, ...penalties, ...logprobs, 'max_tokens'),
  ...any('top_k', 'min_p', 'logit_bias', 'n', 'seed', 'user', 'parallel_tool_calls', 'ignore_eos'),
  ...any('chat_template_kwargs', 'reasoning_effort', 'reasoning_format', 'reasoning_control', 'grammar', 'json_schema'),
  ...any('repeat_penalty', 'repeat_last_n', 'typical_p', 'mirostat', 'mirostat_tau', 'mirostat_eta', 'samplers'),
  ...any('xtc_probability', 'xtc_threshold', 'dry_multiplier', 'dry_base', 'dry_allowed_length', 'dry_penalty_last_n'),
  ...any('dynatemp_range', 'dynatemp_exponent', 'top_n_sigma', 'n_keep', 'min_keep', 'cache_prompt', 'id_slot', 'lora'),
  ...any('timings_per_token', 'post_sampling_probs', 'return_tokens'),
  ...usageOption,
  tools: tools(),
  messages: messages({
    system: parts(part.text()),
    user: parts(part.text(), part.image(), part.sound()),
    assistant: parts(part.text()),
    tool: parts(part.text()),
    said: ['reasoning_content'],
    named: true,
  }),
});

/** Ollama's list of supported fields on OpenAI compatibility (2026-11); what it lists as not supported is not here. */
export const ollamaShape = object({
  ...any('model', 'temperature', 'top_p', 'stop', 'response_format', 'stream', 'max_tokens', 'seed', 'reasoning_effort'),
  ...any(...penalties, ...logprobs),
  ...usageOption,
  tools: tools(),
  messages: messages({
    system: parts(part.text()),
    user: parts(part.text(), part.image(), part.video()),
    assistant: parts(part.text()),
    tool: 'text',
    said: ['reasoning'],
    named: true,
  }),
});
