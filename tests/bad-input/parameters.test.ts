import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/model/json.ts';
import { postChat, shortChat } from '../support/chat-body.ts';
import { faultReply } from '../support/fault-reply.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const base = 'qwen3-5-flash';
const variant = 'qwen3-5-flash:variant1';
const omni = 'alibaba/qwen3.5-omni-flash';

const text = 'a string';
const half = 0.5;

interface BadValues {
  readonly model: string;
  readonly name: string;
  /** Of a type that the parameter never has. */
  readonly wrongType: Json;
  /** Of its type, and outside of what the page allows; left out where every value of the type is fine. */
  readonly outOfRange?: readonly Json[];
  /** What the refusal has to tell. */
  readonly accepted: RegExp;
  /** What else the parameter needs to be looked at. */
  readonly beside?: JsonObject;
}

function row(model: string, name: string, wrongType: Json, accepted: RegExp, outOfRange?: readonly Json[]): BadValues {
  return { model, name, wrongType, accepted, ...(outOfRange === undefined ? {} : { outOfRange }) };
}

const yesOrNo = /true or false/;
const spoken = { beside: { modalities: ['text', 'audio'] } };

/** Every parameter of the three published pages, in their order. */
const table: readonly BadValues[] = [
  // EmpirioLabs, qwen3-5-flash
  row(base, 'temperature', text, /a number from 0 to 2/, [-0.1, 2.1, 1e300]),
  row(base, 'top_p', [], /a number from 0 to 1/, [-0.01, 1.01]),
  row(base, 'max_tokens', text, /a whole number/, [0, -1, half, 65_537]),
  row(base, 'enable_thinking', 'yes', yesOrNo),
  row(base, 'vl_high_resolution_images', 1, yesOrNo),
  row(base, 'max_pixels', text, /a whole number/, [0, half, 100_000_000]),
  row(base, 'tool_web_search', {}, yesOrNo),
  row(base, 'tool_web_extractor', text, yesOrNo),
  row(base, 'tool_code_interpreter', 0, yesOrNo),
  row(base, 'tool_web_search_image', [], yesOrNo),
  row(base, 'tool_image_search', text, yesOrNo),
  row(base, 'video_fps', text, /a number from 0.1 to 10/, [0, 0.05, 10.5]),
  row(base, 'treat_images_as_video', text, yesOrNo),
  row(base, 'disable_formatting', text, yesOrNo),
  // EmpirioLabs, qwen3-5-flash:variant1
  row(variant, 'max_tokens', text, /a whole number/, [0, 65_537]),
  row(variant, 'stop', 5, /a string or an array of up to 4 strings/, [['a', 'b', 'c', 'd', 'e']]),
  row(variant, 'reasoning_effort', 3, /one of .*low.*medium.*high/, ['huge']),
  row(variant, 'thinking_budget', text, /a whole number/, [0, -1, half, 80_001]),
  row(variant, 'response_format', text, /an object/),
  row(variant, 'max_pixels', true, /a whole number/, [4_095, 16_777_217]),
  // AI/ML API, alibaba/qwen3.5-omni-flash
  row(omni, 'model', 7, /the id of a model/, ['']),
  row(omni, 'messages', text, /an array of at least one message/, [[]]),
  row(omni, 'max_tokens', text, /a whole number/, [0]),
  row(omni, 'stream', text, yesOrNo),
  { ...row(omni, 'stream_options', text, /an object/), beside: { stream: true } },
  row(omni, 'tools', {}, /an array/, [Array.from({ length: 129 }, () => ({ type: 'function', function: { name: 'f' } }))]),
  row(omni, 'tool_choice', 5, /"none", "auto", "required"/, ['sometimes']),
  row(omni, 'parallel_tool_calls', text, yesOrNo),
  { ...row(omni, 'audio', text, /an object/), ...spoken },
  row(omni, 'modalities', text, /an array/, [[]]),
  row(omni, 'temperature', {}, /a number from 0 to 2/, [3]),
  row(omni, 'top_p', text, /a number from 0 to 1/, [2]),
  row(omni, 'stop', {}, /a string or an array of up to 4 strings/, [['a', 'b', 'c', 'd', 'e']]),
  row(omni, 'logit_bias', [], /an object/),
  row(omni, 'logprobs', text, yesOrNo),
  { ...row(omni, 'top_logprobs', text, /a whole number from 0 to 20/, [-1, half, 21]), beside: { logprobs: true } },
  row(omni, 'frequency_penalty', text, /a number from -2 to 2/, [-2.5, 2.5]),
  row(omni, 'presence_penalty', text, /a number from -2 to 2/, [-2.5, 2.5]),
  row(omni, 'prediction', text, /an object/),
  row(omni, 'seed', text, /a whole number/, [-1, half, 1e300]),
  row(omni, 'response_format', 5, /an object/),
  row(omni, 'thinking_budget', text, /a whole number/, [0]),
  row(omni, 'enable_thinking', text, yesOrNo),
  // Words of the family that the three pages do not have
  row('qwen3.5-flash', 'top_k', text, /a whole number/, [-2, half]),
  row('qwen3.5-flash', 'min_p', text, /a number from 0 to 1/, [-1, 2]),
  row('qwen3.5-flash', 'repetition_penalty', text, /a number greater than 0/, [0, -1]),
  row('qwen3.5-flash', 'max_completion_tokens', text, /a whole number/, [0, half]),
  row('qwen3.5-flash', 'n', text, /a whole number/, [0, -1, half, 5, 129]),
  row('qwen3.5-flash', 'preserve_thinking', text, yesOrNo),
  row('qwen3.5-flash', 'chat_template_kwargs', text, /an object/),
  row('qwen3.5-flash', 'reasoning', text, /an object/),
];

async function refused(body: JsonObject, name: string, accepted: RegExp): Promise<void> {
  const fault = await faultReply(await postChat(server, body));
  expect(fault).toMatchObject({ status: 400, type: 'invalid_request_error', param: name });
  expect(fault.code).toMatch(/^invalid_value$|^unsupported_value$/);
  expect(fault.message).toMatch(accepted);
  expect(fault.message).toContain(name);
}

const bodyOf = ({ model, name, beside }: BadValues, value: Json): JsonObject => ({
  ...shortChat,
  model,
  ...beside,
  [name]: value,
});

test.each(table)('$model: $name of a wrong type is refused with its path and what would be right', async (bad) => {
  await refused(bodyOf(bad, bad.wrongType), bad.name, bad.accepted);
});

const ranged = table.filter(({ outOfRange }) => outOfRange !== undefined);

test.each(ranged)('$model: $name out of its range is refused with its path and the range', async (bad) => {
  for (const value of bad.outOfRange ?? []) await refused(bodyOf(bad, value), bad.name, /must be|takes|may have|has \d+ entries/);
});

describe('a nested field is named by its path', () => {
  const schema = (inner: Json): JsonObject => ({ response_format: { type: 'json_schema', json_schema: inner } });
  const call = (inner: Json): JsonObject => ({ tools: [{ type: 'function', function: inner }] });
  const tool = { type: 'function', function: { name: 'f' } };
  const rows: readonly (readonly [path: string, fields: JsonObject])[] = [
    ['response_format.type', { response_format: { type: 'yaml' } }],
    ['response_format.type', { response_format: {} }],
    ['response_format.json_schema', { response_format: { type: 'json_schema' } }],
    ['response_format.json_schema.name', schema({ schema: {} })],
    ['response_format.json_schema.name', schema({ name: 'two words', schema: {} })],
    ['response_format.json_schema.name', schema({ name: 'n'.repeat(65), schema: {} })],
    ['response_format.json_schema.schema', schema({ name: 'n', schema: [] })],
    ['response_format.json_schema.strict', schema({ name: 'n', schema: {}, strict: 'yes' })],
    ['response_format.json_schema.description', schema({ name: 'n', schema: {}, description: 5 })],
    ['stream_options.include_usage', { stream: true, stream_options: { include_usage: 'yes' } }],
    ['stream_options', { stream_options: { include_usage: true } }],
    ['stop[1]', { stop: ['a', 5] }],
    ['logit_bias.word', { logit_bias: { word: 1 } }],
    ['logit_bias.5', { logit_bias: { 5: 101 } }],
    ['logit_bias.5', { logit_bias: { 5: '1' } }],
    ['logit_bias.99999', { logit_bias: { 99_999: 1 } }],
    ['logit_bias', { logit_bias: Object.fromEntries(Array.from({ length: 2_001 }, (_, token) => [token, 1])) }],
    ['top_logprobs', { top_logprobs: 3 }],
    ['tools[0]', { tools: ['f'] }],
    ['tools[0].type', { tools: [{ function: { name: 'f' } }] }],
    ['tools[0].type', { tools: [{ type: 'custom', custom: { name: 'f' } }] }],
    ['tools[0].function', { tools: [{ type: 'function' }] }],
    ['tools[0].function.name', call({})],
    ['tools[0].function.name', call({ name: 'no spaces' })],
    ['tools[0].function.parameters', call({ name: 'f', parameters: [] })],
    ['tools[0].function.description', call({ name: 'f', description: {} })],
    ['tools[0].function.strict', call({ name: 'f', strict: 'yes' })],
    ['tool_choice', { tool_choice: 'required' }],
    ['tool_choice', { tools: [tool], tool_choice: { type: 'function', function: { name: 'g' } } }],
    ['tool_choice.function', { tools: [tool], tool_choice: { type: 'function' } }],
    ['tool_choice.function.name', { tools: [tool], tool_choice: { type: 'function', function: {} } }],
    ['prediction.type', { prediction: { type: 'guess', content: 'x' } }],
    ['prediction.content', { prediction: { type: 'content' } }],
    ['prediction.content[0].text', { prediction: { type: 'content', content: [{ type: 'text' }] } }],
    ['reasoning.effort', { reasoning: { effort: 'huge' } }],
    ['reasoning.max_tokens', { reasoning: { max_tokens: 0 } }],
    ['chat_template_kwargs.enable_thinking', { chat_template_kwargs: { enable_thinking: 'no' } }],
    ['chat_template_kwargs.enable_thinking', { enable_thinking: false, chat_template_kwargs: { enable_thinking: true } }],
    ['modalities[1]', { modalities: ['text', 'smell'] }],
    ['modalities', { modalities: ['audio'], audio: { voice: 'alloy', format: 'wav' } }],
    ['audio', { modalities: ['text', 'audio'] }],
    ['audio.format', { model: omni, modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'midi' } }],
    ['audio.voice', { model: omni, modalities: ['text', 'audio'], audio: { voice: 5, format: 'wav' } }],
  ];

  test.each(rows)('%s in %j', async (path, fields) => {
    const fault = await faultReply(await postChat(server, { ...shortChat, ...fields }));
    expect(fault).toMatchObject({ status: 400, type: 'invalid_request_error', param: path });
    expect(fault.message).toMatch(/must be|takes|may|needs|names|has no|say one|Leave|not among|asks for/);
  });
});
