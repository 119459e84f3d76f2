import type { JsonObject } from '../../src/model/json.ts';
import {
  answerForms,
  anything,
  bool,
  closed,
  conversation,
  each,
  list,
  map,
  number,
  parts,
  stops,
  text,
  toolChoices,
  toolsOf,
  usageInStream,
  whole,
  word,
} from './documented.ts';

const required = ['model', 'messages'];
const efforts = word('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max');

/** What the servers of open-weight models have from OpenAI's request, and the samplers that they all added. */
const shared: JsonObject = {
  model: text,
  stream: bool,
  temperature: number(0),
  // Their samplers refuse 0.
  top_p: { type: 'number', exclusiveMinimum: 0, maximum: 1 },
  stop: stops,
  max_tokens: whole(1),
  frequency_penalty: number(-2, 2),
  presence_penalty: number(-2, 2),
  logprobs: bool,
  top_logprobs: whole(0, 20),
  response_format: answerForms,
  seed: whole(),
  tools: toolsOf(),
  user: text,
};

const samplers: JsonObject = {
  tool_choice: toolChoices,
  parallel_tool_calls: bool,
  n: whole(1),
  logit_bias: { type: 'object', additionalProperties: number(-100, 100) },
  top_k: whole(-1),
  min_p: number(0, 1),
};

const thinkingSwitch = {
  chat_template_kwargs: closed({ enable_thinking: bool, preserve_thinking: bool }),
  reasoning_effort: efforts,
} as const;

/** vLLM, entrypoints/openai/chat_completion/protocol.py and entrypoints/chat_utils.py (2026-11). */
export const vllm: JsonObject = closed(
  {
    ...shared,
    ...samplers,
    ...thinkingSwitch,
    messages: conversation({
      system: [parts.text()],
      user: [parts.text(), parts.image(), parts.sound(), parts.video(), parts.document()],
      assistant: [parts.text(), parts.refusal()],
      tool: [parts.text()],
      said: { reasoning: text, refusal: text, audio: closed({ id: text }, ['id']) },
      names: true,
    }),
    stream_options: closed({ include_usage: bool, continuous_usage_stats: bool }),
    max_completion_tokens: whole(1),
    repetition_penalty: { type: 'number', exclusiveMinimum: 0 },
    thinking_token_budget: whole(0),
    include_reasoning: bool,
    ...each(['min_tokens', 'prompt_logprobs', 'truncate_prompt_tokens', 'priority'], whole()),
    ...each(['stop_token_ids', 'allowed_token_ids', 'bad_words', 'documents'], list(anything)),
    ...each(['ignore_eos', 'skip_special_tokens', 'echo', 'add_generation_prompt', 'continue_final_message'], bool),
    ...each(['chat_template', 'cache_salt', 'session_id', 'truncation_side'], text),
    ...each(['structured_outputs', 'mm_processor_kwargs', 'media_io_kwargs', 'vllm_xargs', 'repetition_detection'], map),
  },
  required,
);

/** SGLang, srt/entrypoints/openai/protocol.py (2026-11). */
export const sglang: JsonObject = closed(
  {
    ...shared,
    ...samplers,
    ...thinkingSwitch,
    messages: conversation({
      system: [parts.text()],
      user: [parts.text(), parts.image(), parts.video()],
      assistant: [parts.text()],
      tool: [parts.text()],
      said: { reasoning_content: text },
    }),
    stream_options: usageInStream,
    max_completion_tokens: whole(1),
    repetition_penalty: { type: 'number', exclusiveMinimum: 0 },
    ...each(['separate_reasoning', 'stream_reasoning', 'no_stop_trim', 'ignore_eos', 'skip_special_tokens'], bool),
    ...each(['regex', 'ebnf', 'session_id'], text),
    ...each(['session_params', 'images_config', 'custom_params'], map),
  },
  required,
);

/** README of llama.cpp's server: OpenAI's request with the fields of its own `/completion` (2026-11). */
export const llamaServer: JsonObject = closed(
  {
    ...shared,
    ...samplers,
    ...thinkingSwitch,
    messages: conversation({
      system: [parts.text()],
      user: [parts.text(), parts.image(), parts.sound()],
      assistant: [parts.text()],
      tool: [parts.text()],
      said: { reasoning_content: text },
      names: true,
    }),
    stream_options: usageInStream,
    reasoning_format: word('none', 'auto', 'deepseek', 'deepseek-legacy'),
    ...each(['repeat_penalty', 'typical_p', 'mirostat_tau', 'mirostat_eta', 'xtc_probability', 'xtc_threshold'], number()),
    ...each(['repeat_last_n', 'mirostat', 'n_keep', 'min_keep', 'id_slot'], whole()),
    ...each(['cache_prompt', 'timings_per_token', 'post_sampling_probs', 'return_tokens', 'ignore_eos'], bool),
    grammar: text,
    json_schema: map,
    samplers: list(text),
  },
  required,
);

/** Ollama's list of supported fields, on OpenAI compatibility (2026-11). Tools cannot be chosen there, and sampling has no top_k. */
export const ollama: JsonObject = closed(
  {
    ...Object.fromEntries(Object.entries(shared).filter(([field]) => field !== 'user')),
    messages: conversation({
      system: [parts.text()],
      user: [parts.text(), parts.image(), parts.video()],
      assistant: [parts.text()],
      tool: [],
      said: { reasoning: text },
      names: true,
    }),
    stream_options: usageInStream,
    reasoning_effort: word('none', 'low', 'medium', 'high'),
  },
  required,
);
