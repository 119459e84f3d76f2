import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '../../src/model/json.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { startWaywardUpstream, type WaywardUpstream } from './wayward-upstream.ts';

let upstream: WaywardUpstream;
let server: TestServer;

beforeAll(async () => {
  upstream = await startWaywardUpstream();
  const host = (name: string, quirks: string): object => ({ name, base_url: upstream.baseUrl, quirks, models: { [name]: 'm' } });
  server = await startTestServer({
    settings: {
      engine: { enabled: false },
      prices: { unpriced: 'free' },
      providers: [host('choiceless', 'ollama'), host('alibaba', 'dashscope')],
    },
  });
});
afterAll(async () => {
  await server.stop();
  await upstream.close();
});

const messages = [{ role: 'user' as const, content: 'What is the weather?' }];
const tool = (name: string) => ({
  type: 'function' as const,
  function: { name, parameters: { type: 'object', properties: {} } },
});
const tools = [tool('get_weather'), tool('get_time')];

type Asked = Omit<OpenAI.Chat.ChatCompletionCreateParamsNonStreaming, 'model' | 'messages'>;

async function ask(
  more: Asked & { readonly enable_thinking?: boolean },
  model = 'choiceless',
): Promise<OpenAI.Chat.ChatCompletion.Choice | undefined> {
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key, maxRetries: 0 });
  return (await client.chat.completions.create({ model, messages, tools, ...more })).choices[0];
}

function callsOf(choice: OpenAI.Chat.ChatCompletion.Choice | undefined): readonly (readonly string[])[] {
  return (choice?.message.tool_calls ?? []).map((call) =>
    call.type === 'function' ? [call.id, call.function.name, call.function.arguments] : [call.id],
  );
}

describe('calls in the forms that hosts send', () => {
  test.each<readonly [name: string, calls: readonly Json[], expected: readonly unknown[]]>([
    [
      'without an id',
      [{ index: 0, function: { name: 'get_weather', arguments: '{}' } }],
      [[expect.stringMatching(/^call_/), 'get_weather', '{}']],
    ],
    [
      'the same id twice',
      [
        { index: 0, id: 'a', function: { name: 'get_weather', arguments: '{}' } },
        { index: 1, id: 'a', function: { name: 'get_time', arguments: '{}' } },
      ],
      [
        ['a', 'get_weather', '{}'],
        [expect.stringMatching(/^call_/), 'get_time', '{}'],
      ],
    ],
    [
      'all under one index',
      [
        { index: 0, id: 'a', function: { name: 'get_weather', arguments: '{"a":' } },
        { index: 0, function: { arguments: '1}' } },
        { index: 0, id: 'b', function: { name: 'get_time', arguments: '{}' } },
      ],
      [
        ['a', 'get_weather', '{"a":1}'],
        ['b', 'get_time', '{}'],
      ],
    ],
    [
      'arguments as an object',
      [{ index: 0, id: 'a', function: { name: 'get_weather', arguments: { a: [1] } } }],
      [['a', 'get_weather', '{"a":[1]}']],
    ],
    ['no arguments', [{ index: 0, id: 'a', function: { name: 'get_weather' } }], [['a', 'get_weather', '{}']]],
    ['empty arguments', [{ index: 0, id: 'a', function: { name: 'get_weather', arguments: '' } }], [['a', 'get_weather', '{}']]],
    [
      'interleaved',
      [
        { index: 0, id: 'a', function: { name: 'get_weather', arguments: '{"a"' } },
        { index: 1, id: 'b', function: { name: 'get_time', arguments: '{"b"' } },
        { index: 0, function: { arguments: ':1}' } },
        { index: 1, function: { arguments: ':2}' } },
      ],
      [
        ['a', 'get_weather', '{"a":1}'],
        ['b', 'get_time', '{"b":2}'],
      ],
    ],
  ])('%s', async (_, calls, expected) => {
    upstream.says({ calls });
    expect(callsOf(await ask({}))).toEqual(expected);
  });

  test('a finish reason that forgets the calls is put right', async () => {
    upstream.says({ calls: [{ index: 0, id: 'a', function: { name: 'get_time', arguments: '{}' } }], finish: 'stop' });
    expect((await ask({}))?.finish_reason).toBe('tool_calls');
  });
});

const both = [
  { index: 0, id: 'a', function: { name: 'get_weather', arguments: '{}' } },
  { index: 1, id: 'b', function: { name: 'get_time', arguments: '{}' } },
];

test('parallel_tool_calls: false holds on a host that does not know it', async () => {
  upstream.says({ calls: both });
  expect(callsOf(await ask({ parallel_tool_calls: false }))).toEqual([['a', 'get_weather', '{}']]);
});

test('tool_choice: none holds on a host that does not know it', async () => {
  upstream.says({ text: 'Fine.', calls: both });
  const choice = await ask({ tool_choice: 'none' });
  expect([choice?.message.content, callsOf(choice), choice?.finish_reason]).toEqual(['Fine.', [], 'stop']);
  expect(upstream.bodies[0]).not.toHaveProperty('tools');
});

test('a named function is called on a host that knows no choice', async () => {
  upstream.says({ text: 'It is noon.' }, { calls: both.slice(1) });
  const choice = await ask({ tool_choice: { type: 'function', function: { name: 'get_time' } } });
  expect([choice?.message.content, callsOf(choice)]).toEqual([null, [['b', 'get_time', '{}']]]);
  expect(upstream.bodies).toHaveLength(2);
});

test('required is held where the host refuses it while thinking: the thought is kept', async () => {
  upstream.says({ thought: 'Which one?', text: 'Noon.' }, { calls: both.slice(1) });
  const choice = await ask(
    { tool_choice: { type: 'function', function: { name: 'get_time' } }, enable_thinking: true },
    'alibaba',
  );
  expect(callsOf(choice)).toEqual([['b', 'get_time', '{}']]);
  expect(choice?.message).toMatchObject({ reasoning_content: 'Which one?' });
  expect(upstream.bodies).toMatchObject([
    { enable_thinking: true },
    { enable_thinking: false, tool_choice: { function: { name: 'get_time' } } },
  ]);
  expect(upstream.bodies[0]).not.toHaveProperty('tool_choice');
});

test('a model that calls nothing, however often it is asked, is a clear error', async () => {
  upstream.says({ text: 'No.' });
  await expect(ask({ tool_choice: 'required' })).rejects.toMatchObject({
    status: 502,
    message: expect.stringContaining('did not call any of the tools'),
  });
});
