import { describe, expect, test } from 'vitest';
import { FlashmuxError } from '../../model/fault.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { readRequest } from './read-request.ts';

const user = { role: 'user', content: 'hi' };
const body = (fields: JsonObject): JsonObject => ({ model: 'm', messages: [user], ...fields });
const message = (fields: JsonObject): JsonObject => body({ messages: [user, fields] });
const part = (fields: Json): JsonObject => body({ messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }, fields] }] });
const tool = (fields: JsonObject): JsonObject => body({ tools: [{ type: 'function', function: { name: 'f', ...fields } }] });

describe('one wrong thing is refused with its path and what would be right', () => {
  test.each<[Json, string | undefined, RegExp]>([
    ['hello', undefined, /JSON object/],
    [[], undefined, /empty array; it must be a JSON object/],
    [null, undefined, /null/],
    [{ messages: [user] }, 'model', /missing/],
    [body({ user: 7 }), 'user', /is 7; it must be a string/],
    [body({ user: 'x'.repeat(257) }), 'user', /a text of 1 to 256 characters/],
    [body({ safety_identifier: 'a\u0000' }), 'safety_identifier', /without control characters/],
    [body({ model: 3 }), 'model', /is 3; it must be the id of a model/],
    [body({ model: '' }), 'model', /""/],
    [{ model: 'm' }, 'messages', /missing/],
    [body({ messages: [] }), 'messages', /at least one/],
    [body({ messages: 'hi' }), 'messages', /an array/],
    [message({ role: 'robot', content: 'x' }), 'messages[1].role', /"robot"; it must be one of "system"/],
    [message({ role: 'user' }), 'messages[1].content', /missing/],
    [message({ role: 'user', content: null }), 'messages[1].content', /null; it must be a string or an array/],
    [message({ role: 'user', content: 5 }), 'messages[1].content', /is 5/],
    [message({ role: 'user', content: 'x', name: 5 }), 'messages[1].name', /a string/],
    [message({ role: 'tool', content: 'x' }), 'messages[1].tool_call_id', /missing/],
    [message({ role: 'function', content: 'x', name: 'f' }), 'messages[1].name', /before this one/],
    [message({ role: 'assistant', tool_calls: {} }), 'messages[1].tool_calls', /an array/],
    [message({ role: 'assistant', tool_calls: [{ type: 'function' }] }), 'messages[1].tool_calls[0].id', /missing/],
    [message({ role: 'assistant', tool_calls: [{ id: 'c' }] }), 'messages[1].tool_calls[0].function', /missing/],
    [
      message({ role: 'assistant', tool_calls: [{ id: 'c', function: { name: 'f', arguments: {} } }] }),
      'messages[1].tool_calls[0].function.arguments',
      /an object; it must be a string of JSON text/,
    ],
    [message({ role: 'assistant', audio: {} }), 'messages[1].audio.id', /missing/],
    [message({ role: 'assistant', refusal: 1 }), 'messages[1].refusal', /a string/],
    [message({ role: 'assistant', reasoning_details: 1 }), 'messages[1].reasoning_details', /an array/],
    [part(null), 'messages[0].content[1]', /null/],
    [part({ text: 'a' }), 'messages[0].content[1].type', /missing/],
    [part({ type: 'text' }), 'messages[0].content[1].text', /missing/],
    [part({ type: 'image_url' }), 'messages[0].content[1].image_url', /an object with a url/],
    [part({ type: 'image_url', image_url: {} }), 'messages[0].content[1].image_url.url', /missing/],
    [
      part({ type: 'image_url', image_url: { url: 'not a url' } }),
      'messages[0].content[1].image_url.url',
      /an address, a data: URL or base64/,
    ],
    [
      part({ type: 'image_url', image_url: { url: 'https://a/b', detail: 3 } }),
      'messages[0].content[1].image_url.detail',
      /a string/,
    ],
    [part({ type: 'video_url', video_url: 7 }), 'messages[0].content[1].video_url', /is 7/],
    [part({ type: 'video', video: [] }), 'messages[0].content[1].video', /empty array/],
    [part({ type: 'video', video: [3] }), 'messages[0].content[1].video[0]', /a string/],
    [part({ type: 'video_url', video_url: { url: 'https://a/b' }, fps: 11 }), 'messages[0].content[1].fps', /from 0.1 to 10/],
    [part({ type: 'input_audio', input_audio: { data: 'AAAA' } }), 'messages[0].content[1].input_audio.format', /missing/],
    [
      part({ type: 'input_audio', input_audio: { data: '?', format: 'wav' } }),
      'messages[0].content[1].input_audio.data',
      /base64/,
    ],
    [part({ type: 'file', file: {} }), 'messages[0].content[1].file.file_id', /missing/],
    [part({ type: 'file', file: { file_data: '%' } }), 'messages[0].content[1].file.file_data', /base64/],
    [body({ temperature: 2.1 }), 'temperature', /is 2.1; it must be a number from 0 to 2/],
    [body({ temperature: '1' }), 'temperature', /"1"/],
    [body({ top_p: -0.1 }), 'top_p', /from 0 to 1/],
    [body({ top_k: 1.5 }), 'top_k', /whole number/],
    [body({ min_p: 2 }), 'min_p', /from 0 to 1/],
    [body({ frequency_penalty: 3 }), 'frequency_penalty', /from -2 to 2/],
    [body({ presence_penalty: -3 }), 'presence_penalty', /from -2 to 2/],
    [body({ repetition_penalty: 0 }), 'repetition_penalty', /greater than 0/],
    [body({ seed: -1 }), 'seed', /at least 0/],
    [body({ max_tokens: 0 }), 'max_tokens', /at least 1/],
    [body({ max_completion_tokens: 1.5 }), 'max_completion_tokens', /whole number/],
    [body({ n: 129 }), 'n', /from 1 to 128/],
    [body({ stop: ['a', 'b', 'c', 'd', 'e'] }), 'stop', /up to 4/],
    [body({ stop: [1] }), 'stop[0]', /a string/],
    [body({ stop: 1 }), 'stop', /is 1/],
    [body({ logit_bias: { 7: 101 } }), 'logit_bias.7', /from -100 to 100/],
    [body({ logit_bias: { a: 1 } }), 'logit_bias.a', /token id/],
    [body({ logprobs: 1 }), 'logprobs', /true or false/],
    [body({ logprobs: true, top_logprobs: 21 }), 'top_logprobs', /from 0 to 20/],
    [body({ top_logprobs: 2 }), 'top_logprobs', /logprobs must be true/],
    [body({ tools: [{ type: 'web_search' }] }), 'tools[0].type', /must be "function"/],
    [body({ tools: [{ type: 'function' }] }), 'tools[0].function', /missing/],
    [tool({ name: 'a b' }), 'tools[0].function.name', /1 to 64/],
    [tool({ name: 'a'.repeat(65) }), 'tools[0].function.name', /a string of 65 characters/],
    [tool({ parameters: [] }), 'tools[0].function.parameters', /an object/],
    [tool({ strict: 'yes' }), 'tools[0].function.strict', /true or false/],
    [
      body({ tools: Array.from({ length: 129 }, () => ({ type: 'function', function: { name: 'f' } })) }),
      'tools',
      /129 entries; it may have up to 128/,
    ],
    [body({ tools: [], functions: [{ name: 'f' }] }), 'functions', /older form of tools; say one of them/],
    [body({ functions: [{ name: 'a b' }] }), 'functions[0].name', /1 to 64/],
    [body({ tool_choice: 'auto', function_call: 'none' }), 'function_call', /older form of tool_choice; say one of them/],
    [body({ tool_choice: 'maybe' }), 'tool_choice', /"maybe"/],
    [body({ tool_choice: { type: 'function' } }), 'tool_choice.function', /missing/],
    [body({ parallel_tool_calls: 'no' }), 'parallel_tool_calls', /true or false/],
    [body({ response_format: 'json' }), 'response_format', /an object/],
    [body({ response_format: { type: 'xml' } }), 'response_format.type', /"json_schema"/],
    [body({ response_format: { type: 'json_schema' } }), 'response_format.json_schema', /missing/],
    [
      body({ response_format: { type: 'json_schema', json_schema: { name: 'a b' } } }),
      'response_format.json_schema.name',
      /1 to 64/,
    ],
    [
      body({ response_format: { type: 'json_schema', json_schema: { name: 'a', schema: true } } }),
      'response_format.json_schema.schema',
      /an object/,
    ],
    [body({ stream: 'true' }), 'stream', /true or false/],
    [body({ stream_options: { include_usage: true } }), 'stream_options', /stream must be true/],
    [body({ stream: true, stream_options: { include_usage: 1 } }), 'stream_options.include_usage', /true or false/],
    [body({ modalities: [] }), 'modalities', /empty array/],
    [body({ modalities: ['image'] }), 'modalities[0]', /"text", "audio"/],
    [body({ modalities: ['audio'] }), 'audio', /because modalities asks/],
    [body({ audio: { format: 'ogg', voice: 'Tina' } }), 'audio.format', /"wav"/],
    [body({ audio: { format: 'wav' } }), 'audio.voice', /missing/],
    [body({ prediction: { type: 'text' } }), 'prediction.type', /"content"/],
    [
      body({ prediction: { type: 'content', content: [{ type: 'refusal', refusal: 'x' }] } }),
      'prediction.content[0].type',
      /"text"/,
    ],
    [body({ enable_thinking: 1 }), 'enable_thinking', /true or false/],
    [body({ thinking_budget: 0 }), 'thinking_budget', /at least 1/],
    [body({ reasoning_effort: 'huge' }), 'reasoning_effort', /"none"/],
    [body({ reasoning: { effort: 1 } }), 'reasoning.effort', /is 1/],
    [
      body({ enable_thinking: true, chat_template_kwargs: { enable_thinking: false } }),
      'chat_template_kwargs.enable_thinking',
      /say one of them/,
    ],
    [body({ preserve_thinking: 'x' }), 'preserve_thinking', /true or false/],
    [body({ max_pixels: 0 }), 'max_pixels', /at least 1/],
    [body({ video_fps: 0 }), 'video_fps', /from 0.1 to 10/],
    [body({ treat_images_as_video: 'x' }), 'treat_images_as_video', /true or false/],
    [body({ vl_high_resolution_images: 'x' }), 'vl_high_resolution_images', /true or false/],
    [body({ tool_web_search: 'x' }), 'tool_web_search', /true or false/],
    [body({ disable_formatting: 'x' }), 'disable_formatting', /true or false/],
  ])('%j', (wrong, param, words) => {
    const fault = faultOf(() => readRequest(wrong));
    expect(fault?.row.status).toBe(400);
    expect(fault?.param).toBe(param);
    expect(fault?.message).toMatch(words);
  });

  test('the message never repeats a long value', () => {
    const fault = faultOf(() => readRequest(body({ stop: [], temperature: 'a secret that is longer than a word should be' })));
    expect(fault?.message).toBe('temperature is a string of 45 characters; it must be a number from 0 to 2.');
  });
});

test('nothing that was not said is filled in', () => {
  expect(readRequest(body({}))).toEqual({
    model: 'm',
    turns: [{ role: 'user', parts: [{ kind: 'text', text: 'hi' }] }],
    tools: [],
    sampling: {},
    limits: {},
    thinking: { kind: 'unsaid' },
    form: { kind: 'unsaid' },
    delivery: { kind: 'whole', said: false },
  });
});

test('media keep their bytes, their marks and the wishes for looking at them', () => {
  const content = [
    {
      type: 'image_url',
      image_url: { url: 'data:image/png;base64,iVBORw0K', detail: 'high' },
      cache_control: { type: 'ephemeral', ttl: '1h' },
    },
    { type: 'image_url', image_url: { url: 'iVBORw0K' } },
    { type: 'video_url', video_url: { url: 'https://a/b.mp4', mood: 1 }, fps: 2, max_pixels: 4096 },
    { type: 'input_audio', input_audio: { data: 'https://a/b', format: 'mp3' } },
    { type: 'file', file: { file_data: 'data:application/pdf;base64,AAAA', filename: 'a.pdf' } },
  ];
  const protocol = 'openai-chat';
  expect(readRequest(body({ messages: [{ role: 'user', content }] })).turns[0]?.parts).toEqual([
    {
      kind: 'media',
      medium: 'image',
      source: { kind: 'bytes', base64: 'iVBORw0K', format: 'image/png' },
      detail: 'high',
      cacheMark: { lifetimeSeconds: 3600 },
    },
    // Its first bytes say what it is.
    { kind: 'media', medium: 'image', source: { kind: 'bytes', base64: 'iVBORw0K', format: 'image/png' } },
    {
      kind: 'media',
      medium: 'video',
      source: { kind: 'url', url: 'https://a/b.mp4' },
      framesPerSecond: 2,
      maxPixels: 4096,
      carry: { protocol, fields: { video_url: { mood: 1 } } },
    },
    {
      kind: 'media',
      medium: 'audio',
      source: { kind: 'url', url: 'https://a/b' },
      carry: { protocol, fields: { input_audio: { format: 'mp3' } } },
    },
    {
      kind: 'media',
      medium: 'document',
      source: { kind: 'bytes', base64: 'AAAA', format: 'application/pdf' },
      carry: { protocol, fields: { file: { filename: 'a.pdf' } } },
    },
  ]);
});

test('the seal of another protocol comes back out of a conversation that a caller replays', () => {
  const details = [{ type: 'reasoning.text', text: 't', format: 'flashmux.seal/anthropic-messages', seal: 'c2ln', index: 0 }];
  expect(
    readRequest(message({ role: 'assistant', content: 'a', reasoning: 't', reasoning_details: details })).turns[1]?.parts[0],
  ).toEqual({
    kind: 'reasoning',
    text: 't',
    seal: { protocol: 'anthropic-messages', value: 'c2ln' },
  });
});

test.each([
  [{ user: 'ann' }, 'ann'],
  [{ safety_identifier: 'hash' }, 'hash'],
  [{ user: 'ann', safety_identifier: 'hash' }, 'ann'],
  [{ user: '', safety_identifier: 'hash' }, 'hash'],
  [{ user: null }, undefined],
  [{ user: '' }, undefined],
])('%j names whom the call is for, and goes on to the host as it is', (fields: JsonObject, named) => {
  const { attribution, carry } = readRequest(body(fields));
  expect(attribution).toEqual(named === undefined ? undefined : { user: named });
  expect(carry?.fields).toEqual(fields);
});

function faultOf(run: () => void): FlashmuxError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (FlashmuxError.is(error)) return error;
    throw error;
  }
}
