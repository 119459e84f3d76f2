import type { JsonObject } from '../../src/model/json.ts';
import { anything, bool, closed, list, map, number, oneOf, text, whole, word } from '../wire/documented.ts';

/*
 * Requests of Anthropic Messages as each host documents them. Sources: types of @anthropic-ai/sdk 1.11 and Anthropic's guides on thinking,
 * caching and structured outputs; Model Studio's page on its Anthropic-compatible Messages; vllm/entrypoints/anthropic/protocol.py;
 * python/sglang/srt/entrypoints/anthropic/protocol.py; README of llama.cpp's server; Ollama's page on Anthropic compatibility (all 2026).
 */

const someText = { ...text, pattern: '\\S' };
const cacheMark = closed({ type: word('ephemeral'), ttl: word('5m', '1h') }, ['type']);
const pictureTypes = word('image/jpeg', 'image/png', 'image/gif', 'image/webp');

interface Host {
  /** False: no marks for caches. */
  readonly marks: boolean;
  readonly pictureByAddress: boolean;
  readonly documents: boolean;
  /** How a thought of an earlier answer is proved; empty text stands for no proof. */
  readonly signature: JsonObject;
  readonly systemMessages: boolean;
  readonly blankText: boolean;
  /** Fields beside the common ones. */
  readonly fields: JsonObject;
  readonly temperature: JsonObject;
  readonly choice: boolean;
  readonly tools: readonly JsonObject[];
}

function request(host: Host): JsonObject {
  const mark: JsonObject = host.marks ? { cache_control: cacheMark } : {};
  const words = host.blankText ? text : someText;
  const ofText = closed({ type: word('text'), text: words, ...mark }, ['type', 'text']);
  const base64 = closed({ type: word('base64'), media_type: pictureTypes, data: text }, ['type', 'media_type', 'data']);
  const address = closed({ type: word('url'), url: text }, ['type', 'url']);
  const file = closed({ type: word('file'), file_id: text }, ['type', 'file_id']);
  const pictures = [base64, ...(host.pictureByAddress ? [address] : []), ...(host.documents ? [file] : [])];
  const picture = closed({ type: word('image'), source: oneOf(...pictures), ...mark }, ['type', 'source']);
  const pdf = closed({ type: word('base64'), media_type: word('application/pdf'), data: text }, ['type', 'media_type', 'data']);
  const plain = closed({ type: word('text'), media_type: word('text/plain'), data: text }, ['type', 'media_type', 'data']);
  const paper = closed({ type: word('document'), source: oneOf(pdf, plain, address, file), ...mark }, ['type', 'source']);
  const seen = [ofText, picture, ...(host.documents ? [paper] : [])];
  const result = closed(
    { type: word('tool_result'), tool_use_id: text, content: oneOf(words, list(oneOf(...seen))), is_error: bool, ...mark },
    ['type', 'tool_use_id'],
  );
  const call = closed({ type: word('tool_use'), id: text, name: text, input: map, ...mark }, ['type', 'id', 'name', 'input']);
  const thought = closed({ type: word('thinking'), thinking: text, signature: host.signature }, [
    'type',
    'thinking',
    'signature',
  ]);
  const said = (...blocks: readonly JsonObject[]): JsonObject => oneOf(words, list(oneOf(...blocks), { minItems: 1 }));
  const messages = [
    closed({ role: word('user'), content: said(...seen, result) }, ['role', 'content']),
    closed({ role: word('assistant'), content: said(ofText, call, thought) }, ['role', 'content']),
    ...(host.systemMessages ? [closed({ role: word('system'), content: said(ofText) }, ['role', 'content'])] : []),
  ];
  return closed(
    {
      model: text,
      max_tokens: whole(1),
      messages: list(oneOf(...messages)),
      system: oneOf(words, list(ofText)),
      stop_sequences: list(words),
      stream: { const: true },
      temperature: host.temperature,
      top_p: number(0, 1),
      top_k: whole(0),
      tools: list(oneOf(...host.tools), { minItems: 1 }),
      ...(host.choice ? { tool_choice: choices } : {}),
      ...host.fields,
    },
    ['model', 'max_tokens', 'messages', 'stream'],
  );
}

const parallel = { disable_parallel_tool_use: bool };
const choices = oneOf(
  closed({ type: word('auto', 'any'), ...parallel }, ['type']),
  closed({ type: word('tool'), name: text, ...parallel }, ['type', 'name']),
  closed({ type: word('none') }, ['type']),
);
const tool = { name: text, description: text, input_schema: map };
const searchTools = closed({ type: word('web_search_20250305', 'web_fetch_20250910', 'code_execution_20250825'), name: text }, [
  'type',
  'name',
]);
const efforts = word('low', 'medium', 'high', 'xhigh', 'max');
const format = closed({ type: word('json_schema'), schema: map }, ['type', 'schema']);

function thinking(leastBudget: number, ...others: readonly string[]): JsonObject {
  return oneOf(
    closed({ type: word('enabled'), budget_tokens: whole(leastBudget) }, ['type', 'budget_tokens']),
    closed({ type: word('disabled', ...others) }, ['type']),
  );
}

const ofModel: Host = {
  marks: false,
  pictureByAddress: true,
  documents: false,
  signature: text,
  systemMessages: true,
  blankText: true,
  fields: {},
  temperature: number(0),
  choice: true,
  tools: [closed({ ...tool, strict: bool }, ['name', 'input_schema'])],
};

/** By the names of the rows of quirks. */
export const messagesHosts = {
  anthropic: request({
    marks: true,
    pictureByAddress: true,
    documents: true,
    signature: { ...text, minLength: 1 },
    systemMessages: true,
    blankText: false,
    fields: {
      thinking: thinking(1024, 'adaptive'),
      output_config: closed({ effort: efforts, format }),
      metadata: anything,
    },
    temperature: number(0, 1),
    choice: true,
    tools: [closed({ ...tool, strict: bool, cache_control: cacheMark }, ['name', 'input_schema']), searchTools],
  }),
  dashscope: request({
    ...ofModel,
    marks: true,
    systemMessages: false,
    temperature: { type: 'number', minimum: 0, exclusiveMaximum: 2 },
    fields: { thinking: thinking(1, 'adaptive') },
    tools: [...ofModel.tools, searchTools],
  }),
  vllm: request({
    ...ofModel,
    fields: {
      metadata: map,
      output_config: closed({ effort: efforts, format }),
      chat_template_kwargs: closed({ enable_thinking: bool }),
    },
  }),
  sglang: request({ ...ofModel, systemMessages: false, fields: { metadata: map, thinking: thinking(1) } }),
  'llama-server': request({ ...ofModel, pictureByAddress: false }),
  ollama: request({
    ...ofModel,
    pictureByAddress: false,
    choice: false,
    fields: { thinking: thinking(1), output_config: closed({ effort: efforts }) },
  }),
  generic: request({ ...ofModel, pictureByAddress: false, systemMessages: false, fields: { thinking: thinking(1) } }),
} as const;
