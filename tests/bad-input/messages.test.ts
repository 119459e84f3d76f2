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

const user: JsonObject = { role: 'user', content: 'Hello' };
const wav = { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } };
const png = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };
const clip = { type: 'video_url', video_url: { url: 'https://example.com/clip.mp4' } };
const frames = { type: 'video', video: ['https://example.com/1.jpg', 'https://example.com/2.jpg'] };
const file = { type: 'file', file: { file_data: 'data:application/pdf;base64,JVBERg==', filename: 'a.pdf' } };
const call: JsonObject = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } };

type Refusal = readonly [name: string, messages: Json, param: string, code: string, message: RegExp];

const says = (...parts: readonly Json[]): Json => [{ role: 'user', content: parts }];

const shapes: readonly Refusal[] = [
  ['a message that is a string', ['Hello'], 'messages[0]', 'invalid_value', /an object with role and content/],
  ['no role', [{ content: 'Hello' }], 'messages[0].role', 'invalid_value', /one of "system"/],
  ['an unknown role', [{ role: 'robot', content: 'Hello' }], 'messages[0].role', 'invalid_value', /one of "system"/],
  ['content null', [{ role: 'user', content: null }], 'messages[0].content', 'invalid_value', /a string or an array/],
  ['content a number', [user, { role: 'user', content: 5 }], 'messages[1].content', 'invalid_value', /a string or an array/],
  ['a part that is a string', says('Hello'), 'messages[0].content[0]', 'invalid_value', /an object with a type/],
  ['a part without a type', says({ text: 'Hello' }), 'messages[0].content[0].type', 'invalid_value', /such as "text"/],
  ['a text part without text', says({ type: 'text' }), 'messages[0].content[0].text', 'invalid_value', /a string/],
  ['an unknown kind of part', says({ type: 'hologram' }), 'messages[0].content[0]', 'unsupported_value', /only text/],
  ['a picture without an address', says({ type: 'image_url' }), 'messages[0].content[0].image_url', 'invalid_value', /a url/],
  [
    'a picture whose address is none',
    says({ type: 'image_url', image_url: { url: 'a picture' } }),
    'messages[0].content[0].image_url.url',
    'invalid_value',
    /an address, a data: URL or base64/,
  ],
  [
    'a sound without a format',
    says({ type: 'input_audio', input_audio: { data: 'UklGRg==' } }),
    'messages[0].content[0].input_audio.format',
    'invalid_value',
    /the name of a sound format/,
  ],
  ['no frames', says({ type: 'video', video: [] }), 'messages[0].content[0].video', 'invalid_value', /an array of picture/],
  ['a name that is no string', [{ ...user, name: 5 }], 'messages[0].name', 'invalid_value', /a string/],
  ['a rate out of range', says({ ...clip, fps: 11 }), 'messages[0].content[0].fps', 'invalid_value', /from 0.1 to 10/],
  ['no word of a user', [{ role: 'system', content: 'x' }], 'messages', 'invalid_value', /at least one message.*"user"/],
];

const tools: readonly Refusal[] = [
  ['a result without an id', [user, { role: 'tool', content: 'x' }], 'messages[1].tool_call_id', 'invalid_value', /the id of/],
  [
    'a result without a call',
    [user, { role: 'tool', tool_call_id: 'call_1', content: 'x' }],
    'messages[1].tool_call_id',
    'invalid_value',
    /in an assistant message before it/,
  ],
  [
    'a result of another call',
    [user, { role: 'assistant', tool_calls: [call] }, { role: 'tool', tool_call_id: 'call_2', content: 'x' }],
    'messages[2].tool_call_id',
    'invalid_value',
    /in an assistant message before it/,
  ],
  [
    'an old result without its call',
    [user, { role: 'function', name: 'f', content: 'x' }],
    'messages[1].name',
    'invalid_value',
    /the name in the function_call/,
  ],
  ['calls that are no array', [user, { role: 'assistant', tool_calls: {} }], 'messages[1].tool_calls', 'invalid_value', /array/],
  [
    'a call without an id',
    [user, { role: 'assistant', tool_calls: [{ type: 'function', function: { name: 'f', arguments: '{}' } }] }],
    'messages[1].tool_calls[0].id',
    'invalid_value',
    /the id of the tool call/,
  ],
  [
    'arguments that are no text',
    [user, { role: 'assistant', tool_calls: [{ ...call, function: { name: 'f', arguments: {} } }] }],
    'messages[1].tool_calls[0].function.arguments',
    'invalid_value',
    /a string of JSON text/,
  ],
];

test.each([...shapes, ...tools])('%s', async (_, messages, param, code, message) => {
  const fault = await faultReply(await postChat(server, { ...shortChat, messages }));
  expect(fault).toMatchObject({ status: 400, type: 'invalid_request_error', param, code });
  expect(fault.message).toMatch(message);
});

describe('media for a model of text are refused with the path of the part', () => {
  const media = [
    ['a picture', png],
    ['a sound', wav],
    ['a clip', clip],
    ['frames', frames],
    ['a document', file],
  ] as const;

  test.each(media)('%s, to the local model itself', async (_, part) => {
    const model = server.server.localModel.routed()?.modelId;
    const messages = [user, { role: 'user', content: [{ type: 'text', text: 'What is it?' }, part] }];
    const fault = await faultReply(await postChat(server, { ...shortChat, model, messages }));
    expect(fault).toMatchObject({ status: 400, param: 'messages[1].content[1]', code: 'unsupported_media' });
    expect(fault.message).toMatch(/takes text and no .*\/v1\/models/);
  });

  test('a picture, to a model that sees, while one of text stands in for it', async () => {
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'What is it?' }, png] }];
    const fault = await faultReply(await postChat(server, { ...shortChat, messages }));
    expect(fault).toMatchObject({ status: 400, param: 'messages[0].content[1]', code: 'unsupported_media' });
    expect(fault.message).toMatch(/reads text only/);
  });

  test('a sound, to a model that sees and does not hear', async () => {
    const fault = await faultReply(await postChat(server, { ...shortChat, messages: says(wav) }));
    expect(fault).toMatchObject({ status: 400, param: 'messages[0].content[0]', code: 'unsupported_media' });
    expect(fault.message).toMatch(/takes text, image, video and document and no audio/);
  });

  test('a picture in the result of a tool', async () => {
    const result = { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: 'See:' }, png] };
    const messages = [user, { role: 'assistant', tool_calls: [call] }, result];
    const fault = await faultReply(await postChat(server, { ...shortChat, messages }));
    expect(fault).toMatchObject({ status: 400, param: 'messages[2].content[1]', code: 'unsupported_media' });
  });
});

describe('a prompt longer than the context is refused with how many tokens were sent and how many fit', () => {
  const words = (count: number): JsonObject => ({ ...shortChat, messages: [{ role: 'user', content: 'word '.repeat(count) }] });

  test.each([
    ['a little', 3_000, /have \d{4,5} tokens.*room for 4095.*at most 4094/],
    ['far', 300_000, /more than 8190 tokens.*room for 4095.*at most 4094/],
  ] as const)('%s', async (_, count, message) => {
    const fault = await faultReply(await postChat(server, words(count)));
    expect(fault).toMatchObject({ status: 400, param: 'messages', code: 'context_length_exceeded' });
    expect(fault.message).toMatch(message);
  });

  test('and it takes no time from the answers of others', async () => {
    const huge = postChat(server, words(3_000_000));
    const small = await postChat(server, shortChat);
    expect(small.status).toBe(200);
    expect((await faultReply(await huge)).code).toBe('context_length_exceeded');
  });
});

test('arguments nested thousands of levels deep are taken as the text that they are', async () => {
  const deep = `{"a":${'['.repeat(3_000)}${']'.repeat(3_000)}}`;
  const answered = { ...call, function: { name: 'f', arguments: deep } };
  const messages = [user, { role: 'assistant', tool_calls: [answered] }, { role: 'tool', tool_call_id: 'call_1', content: 'x' }];
  const reply = await postChat(server, { ...shortChat, messages });
  expect([200, 400]).toContain(reply.status);
  if (reply.status === 400) expect((await faultReply(reply)).code).toBe('context_length_exceeded');
});
