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
  oneOf,
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
const mark: JsonObject = { cache_control: closed({ type: word('ephemeral'), ttl: word('5m') }, ['type']) };
const marks: JsonObject = { cache_control: closed({ type: word('ephemeral'), ttl: word('5m', '1h') }, ['type']) };

/** Model Studio documentation of the OpenAI-compatible chat API, with the ranges of its error texts (2026-09). */
export const alibaba: JsonObject = closed(
  {
    model: text,
    messages: conversation({
      system: [parts.text(mark)],
      user: [
        parts.text(mark),
        parts.image({ min_pixels: whole(1), max_pixels: whole(1), ...mark }),
        parts.video({ fps: number(0.1, 10), ...each(['min_pixels', 'max_pixels', 'total_pixels'], whole(1)), ...mark }),
        closed(
          {
            type: word('video'),
            video: list(text),
            fps: number(0.1, 10),
            ...each(['min_pixels', 'max_pixels', 'total_pixels'], whole(1)),
            ...mark,
          },
          ['type', 'video'],
        ),
        parts.sound(mark),
      ],
      assistant: [parts.text(mark)],
      tool: [parts.text(mark)],
      said: { reasoning_content: text, partial: bool },
    }),
    stream: bool,
    stream_options: usageInStream,
    temperature: { type: 'number', minimum: 0, exclusiveMaximum: 2 },
    top_p: { type: 'number', exclusiveMinimum: 0, maximum: 1 },
    top_k: whole(0),
    repetition_penalty: { type: 'number', exclusiveMinimum: 0 },
    presence_penalty: number(-2, 2),
    n: whole(1, 4),
    seed: whole(0, 2 ** 31 - 1),
    stop: stops,
    logprobs: bool,
    top_logprobs: whole(0, 5),
    max_tokens: whole(1),
    max_completion_tokens: whole(1),
    response_format: answerForms,
    enable_thinking: bool,
    thinking_budget: whole(1),
    preserve_thinking: bool,
    reasoning_effort: word('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'),
    tools: toolsOf(),
    tool_choice: toolChoices,
    parallel_tool_calls: bool,
    enable_search: bool,
    search_options: map,
    enable_code_interpreter: bool,
    vl_high_resolution_images: bool,
    modalities: list(word('text', 'audio')),
    audio: closed({ voice: text, format: word('wav') }, ['voice', 'format']),
  },
  required,
);

const empiriolabsShared: JsonObject = {
  model: text,
  messages: conversation({
    system: [parts.text()],
    user: [parts.text(), parts.image(), parts.video()],
    assistant: [parts.text()],
    tool: [parts.text()],
  }),
  stream: bool,
  stream_options: usageInStream,
  temperature: number(0, 2),
  top_p: number(0, 1),
  enable_thinking: bool,
  vl_high_resolution_images: bool,
  video_fps: number(0.1, 10),
  tool_web_search: bool,
  tools: toolsOf(),
  tool_choice: toolChoices,
  parallel_tool_calls: bool,
};

/** EmpirioLabs model page qwen3-5-flash: its table of parameters (2026-11). */
export const empiriolabsBase: JsonObject = closed(
  {
    ...empiriolabsShared,
    max_tokens: whole(1, 32_768),
    max_pixels: whole(1, 99_999_999),
    tool_web_extractor: bool,
    tool_code_interpreter: bool,
    tool_web_search_image: bool,
    tool_image_search: bool,
    treat_images_as_video: bool,
    disable_formatting: bool,
  },
  required,
);

/** The same page: the table of :variant1 (2026-11). */
export const empiriolabsVariant: JsonObject = closed(
  {
    ...empiriolabsShared,
    max_tokens: whole(1, 65_536),
    max_pixels: whole(4_096, 16_777_216),
    stop: stops,
    reasoning_effort: word('none', 'low', 'medium', 'high', 'max'),
    thinking_budget: whole(1, 80_000),
    response_format: answerForms,
  },
  required,
);

/** The OpenAPI document on the AI/ML API page of alibaba/qwen3.5-omni-flash (2026-11). */
export const aimlapi: JsonObject = closed(
  {
    model: text,
    messages: conversation({
      system: [parts.text()],
      user: [parts.text(), parts.image(), parts.sound(), parts.video()],
      assistant: [parts.text(), parts.refusal()],
      tool: [],
      said: { refusal: oneOf(text, { type: 'null' }), audio: closed({ id: text }, ['id']) },
      names: true,
      nullContent: false,
    }),
    max_tokens: number(1),
    stream: bool,
    stream_options: usageInStream,
    tools: toolsOf(['name', 'parameters']),
    tool_choice: toolChoices,
    parallel_tool_calls: bool,
    audio: closed({ format: word('wav', 'mp3', 'flac', 'opus', 'pcm16'), voice: text }, ['format', 'voice']),
    modalities: list(word('text', 'audio')),
    temperature: number(0, 2),
    top_p: number(0.01, 1),
    stop: stops,
    logit_bias: { type: 'object', additionalProperties: number(-100, 100) },
    logprobs: bool,
    top_logprobs: number(0, 20),
    frequency_penalty: number(-2, 2),
    presence_penalty: number(-2, 2),
    prediction: closed({ type: word('content'), content: oneOf(text, list(parts.text())) }, ['type', 'content']),
    seed: whole(1),
    enable_thinking: bool,
    thinking_budget: whole(1),
    response_format: answerForms,
  },
  required,
);

const openaiNames: JsonObject = {
  model: text,
  stream: bool,
  temperature: number(0, 2),
  top_p: number(0, 1),
  stop: stops,
  max_tokens: whole(1),
  max_completion_tokens: whole(1),
  frequency_penalty: number(-2, 2),
  presence_penalty: number(-2, 2),
  logprobs: bool,
  top_logprobs: whole(0, 20),
  logit_bias: { type: 'object', additionalProperties: number(-100, 100) },
  metadata: map,
  modalities: list(word('text', 'audio')),
  parallel_tool_calls: bool,
  prediction: closed({ type: word('content'), content: text }, ['type', 'content']),
  prompt_cache_key: text,
  response_format: answerForms,
  seed: whole(0),
  service_tier: text,
  tool_choice: toolChoices,
  user: text,
};

const openaiAlone: JsonObject = {
  audio: closed({ voice: anything, format: word('wav', 'aac', 'mp3', 'flac', 'opus', 'pcm16') }, ['voice', 'format']),
  n: whole(1, 128),
  reasoning_effort: word('none', 'minimal', 'low', 'medium', 'high', 'xhigh', null),
  stream_options: closed({ include_usage: bool, include_obfuscation: bool }),
  ...each(['function_call', 'functions', 'moderation', 'prompt_cache_options', 'prompt_cache_retention'], anything),
  ...each(['safety_identifier', 'store', 'verbosity', 'web_search_options'], anything),
};

/** The types of the openai package 7.55.0. */
export const openai: JsonObject = closed(
  {
    ...openaiNames,
    ...openaiAlone,
    messages: conversation({
      system: [parts.text()],
      user: [parts.text(), parts.image(), parts.sound(), parts.document()],
      assistant: [parts.text(), parts.refusal()],
      tool: [parts.text()],
      said: { refusal: text, audio: closed({ id: text }, ['id']) },
      names: true,
      developer: true,
    }),
    tools: toolsOf(),
  },
  required,
);

/** Vercel AI Gateway documentation: OpenAI's chat completions, with reasoning and cache marks of its own (2026). */
export const vercel: JsonObject = closed(
  {
    ...openaiNames,
    ...openaiAlone,
    messages: conversation({
      system: [parts.text(marks)],
      user: [parts.text(marks), parts.image(marks), parts.sound(), parts.document(marks)],
      assistant: [parts.text(marks)],
      tool: [parts.text(marks)],
      said: { refusal: text, audio: closed({ id: text }, ['id']), reasoning: text, reasoning_details: list(map) },
      names: true,
      developer: true,
    }),
    tools: toolsOf(),
    reasoning: {
      ...closed({
        enabled: bool,
        max_tokens: whole(1),
        effort: word('none', 'minimal', 'low', 'medium', 'high', 'xhigh'),
        exclude: bool,
      }),
      // "Mutually exclusive parameters."
      not: { required: ['max_tokens', 'effort'] },
    },
  },
  required,
);

/** The outgoing request of @openrouter/sdk 1.3.19, and OpenRouter's guide on reasoning tokens; routes are not its to choose. */
export const openrouter: JsonObject = closed(
  {
    ...openaiNames,
    messages: conversation({
      system: [parts.text(marks)],
      user: [parts.text(marks), parts.image(), parts.sound(), parts.video(), parts.document()],
      assistant: [parts.text(marks)],
      tool: [parts.text(marks)],
      said: { refusal: text, audio: closed({ id: text }, ['id']), reasoning: text, reasoning_details: list(map) },
      names: true,
      developer: true,
    }),
    tools: toolsOf(['name'], marks),
    stream_options: usageInStream,
    min_p: number(0, 1),
    top_a: number(0, 1),
    top_k: whole(0),
    repetition_penalty: number(0, 2),
    reasoning: {
      ...closed({
        enabled: bool,
        max_tokens: whole(1),
        effort: word('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'),
        exclude: bool,
        summary: text,
      }),
      not: { required: ['max_tokens', 'effort'] },
    },
    ...each(['plugins', 'image_config', 'trace', 'session_id', 'prompt_cache_options'], anything),
  },
  required,
);
