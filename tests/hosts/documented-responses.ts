import type { JsonObject } from '../../src/model/json.ts';
import { anything, bool, closed, each, list, map, number, oneOf, text, whole, word } from '../wire/documented.ts';

/*
 * Requests of Responses as each host documents them. Sources: types of openai 7.55 and OpenAI's reference; Model Studio's page on its
 * Responses; EmpirioLabs' page of qwen3-5-flash (seed 002); vllm/entrypoints/openai/responses/protocol.py; openai/responses.go of Ollama
 * (all 2026).
 */

interface Host {
  readonly developer: boolean;
  readonly media: readonly JsonObject[];
  /** A mark for a cache beside a part. */
  readonly mark: JsonObject;
  /** Ids of items, by their type: anything, or a prefix. */
  readonly id: (prefix: string) => JsonObject;
  /** What makes a thought acceptable. */
  readonly proved: boolean;
  readonly tools: readonly JsonObject[];
  readonly fields: JsonObject;
}

const image = (mark: JsonObject): JsonObject =>
  closed({ type: word('input_image'), image_url: text, file_id: text, detail: word('low', 'high', 'auto'), ...mark }, ['type']);
const file = (mark: JsonObject): JsonObject =>
  closed({ type: word('input_file'), file_url: text, file_data: text, file_id: text, filename: text, ...mark }, ['type']);
const video = closed({ type: word('input_video'), video_url: text }, ['type', 'video_url']);

function request({ developer, media, mark, id, proved, tools, fields }: Host): JsonObject {
  const heard = closed({ type: word('input_text'), text, ...mark }, ['type', 'text']);
  const content = oneOf(text, list(oneOf(heard, ...media)));
  const spoken = oneOf(
    closed({ type: word('output_text'), text, annotations: list(anything), logprobs: list(anything) }, ['type', 'text']),
    closed({ type: word('refusal'), refusal: text }, ['type', 'refusal']),
  );
  const thought = {
    type: word('reasoning'),
    summary: list(closed({ type: word('summary_text'), text }, ['type', 'text'])),
    encrypted_content: text,
    id: id('rs_'),
  };
  const others = developer ? word('user', 'system', 'developer') : word('user', 'system');
  const items = oneOf(
    closed({ type: word('message'), role: others, content, id: id('msg_') }, ['type', 'role', 'content']),
    closed({ type: word('message'), role: word('assistant'), content: list(spoken), id: id('msg_') }, [
      'type',
      'role',
      'content',
    ]),
    closed(thought, proved ? ['type', 'summary', 'encrypted_content'] : ['type', 'summary']),
    closed({ type: word('function_call'), call_id: text, name: text, arguments: text, id: id('fc_') }, [
      'type',
      'call_id',
      'name',
      'arguments',
    ]),
    closed({ type: word('function_call_output'), call_id: text, output: content, id: id('fc') }, ['type', 'call_id', 'output']),
  );
  return closed(
    {
      ...each(['model', 'instructions'], text),
      input: oneOf(text, list(items)),
      max_output_tokens: whole(1),
      stream: { const: true },
      tools: list(oneOf(...tools), { minItems: 1 }),
      ...fields,
    },
    ['model', 'input', 'stream'],
  );
}

const ownTool = closed({ type: word('function'), name: text, description: text, parameters: map, strict: bool }, [
  'type',
  'name',
]);
const choice = oneOf(word('none', 'auto', 'required'), closed({ type: word('function'), name: text }, ['type', 'name']));
const formats = oneOf(
  closed({ type: word('text', 'json_object') }, ['type']),
  closed({ type: word('json_schema'), name: text, description: text, schema: map, strict: bool }, ['type', 'name']),
);
const form = closed({ format: formats });
const notKept = { store: { const: false } };
const anyId = (): JsonObject => text;

const ofServer: Host = {
  developer: false,
  media: [image({})],
  mark: {},
  id: anyId,
  proved: false,
  tools: [ownTool],
  fields: {},
};

const breakpoint = { prompt_cache_breakpoint: closed({ mode: word('explicit'), ttl: word('30m', '12h') }, ['mode']) };

/** By the names of the rows of quirks. */
export const responsesHosts = {
  openai: request({
    developer: true,
    media: [image(breakpoint), file(breakpoint)],
    mark: breakpoint,
    id: (prefix) => ({ ...text, pattern: `^${prefix}` }),
    proved: true,
    tools: [
      closed({ type: word('function'), name: text, description: text, parameters: map, strict: bool }, [
        'type',
        'name',
        'strict',
      ]),
      closed({ type: word('web_search') }, ['type']),
      closed({ type: word('code_interpreter'), container: closed({ type: word('auto') }, ['type']) }, ['type', 'container']),
    ],
    fields: {
      max_output_tokens: whole(16),
      temperature: number(0, 2),
      top_p: number(0, 1),
      include: list(word('message.output_text.logprobs', 'reasoning.encrypted_content')),
      reasoning: closed({ effort: word('none', 'minimal', 'low', 'medium', 'high', 'xhigh') }),
      text: form,
      tool_choice: choice,
      parallel_tool_calls: bool,
      top_logprobs: whole(0, 20),
      stream_options: closed({ include_obfuscation: bool }),
      ...notKept,
    },
  }),
  dashscope: request({
    ...ofServer,
    tools: [
      ownTool,
      closed({ type: word('web_search', 'web_extractor', 'code_interpreter', 'web_search_image', 'image_search') }, ['type']),
    ],
    fields: {
      max_output_tokens: whole(16),
      temperature: { type: 'number', minimum: 0, exclusiveMaximum: 2 },
      top_p: { type: 'number', exclusiveMinimum: 0, maximum: 1 },
      enable_thinking: bool,
      reasoning: closed({ effort: word('minimal', 'low', 'medium', 'high', 'xhigh', 'max') }),
      tool_choice: choice,
      ...notKept,
    },
  }),
  empiriolabs: request({
    ...ofServer,
    media: [image({}), video],
    fields: {
      temperature: number(0, 2),
      top_p: number(0, 1),
      stop: list(text, { maxItems: 4 }),
      text: form,
      tool_choice: choice,
      enable_thinking: bool,
      thinking_budget: whole(1),
      reasoning_effort: word('none', 'low', 'medium', 'high', 'max'),
      vl_high_resolution_images: bool,
      max_pixels: whole(1),
      video_fps: number(0.1, 10),
      treat_images_as_video: bool,
      disable_formatting: bool,
      ...each(
        ['web_search', 'web_extractor', 'code_interpreter', 'web_search_image', 'image_search'].map((name) => `tool_${name}`),
        bool,
      ),
    },
  }),
  vllm: request({
    ...ofServer,
    fields: {
      temperature: number(0),
      top_p: number(0, 1),
      top_k: whole(0),
      seed: whole(),
      stop: list(text),
      repetition_penalty: number(0),
      logit_bias: map,
      include: list(word('message.output_text.logprobs', 'reasoning.encrypted_content')),
      reasoning: closed({ effort: word('none', 'low', 'medium', 'high') }),
      text: form,
      tool_choice: choice,
      parallel_tool_calls: bool,
      top_logprobs: whole(0),
      ...notKept,
    },
  }),
  ollama: request({
    ...ofServer,
    fields: {
      temperature: number(0),
      top_p: number(0, 1),
      reasoning: closed({ effort: word('none', 'low', 'medium', 'high', 'max') }),
      text: form,
    },
  }),
  generic: request({
    ...ofServer,
    fields: {
      temperature: number(0, 2),
      top_p: number(0, 1),
      reasoning: closed({ effort: word('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max') }),
      text: form,
      tool_choice: choice,
      parallel_tool_calls: bool,
      ...notKept,
    },
  }),
} as const;
