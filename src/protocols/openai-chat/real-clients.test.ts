import { createAlibaba as alibaba2 } from '@ai-sdk/alibaba';
import { createAlibaba as alibaba1 } from '@ai-sdk/alibaba-1';
import { createOpenAICompatible as compatible3 } from '@ai-sdk/openai-compatible';
import { createOpenAICompatible as compatible2 } from '@ai-sdk/openai-compatible-2';
import { generateText as generateText7, jsonSchema as jsonSchema7, streamText as streamText7 } from 'ai';
import { generateText as generateText6, jsonSchema as jsonSchema6, streamText as streamText6 } from 'ai-6';
import OpenAi7 from 'openai';
import OpenAi6 from 'openai-6';
import { describe, expect, test } from 'vitest';
import type { Answer } from '../../model/answer.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject, parseJson } from '../../model/json.ts';
import { unfold } from '../../model/stream.ts';
import { openaiChat } from './openai-chat.ts';

/*
 * The published clients, on both of their version lines, read what the codec writes. Their `fetch` is answered here, so nothing goes out;
 * the same clients meet the running server in the tests that cross layers.
 */

const said: Answer = {
  choices: [
    {
      parts: [
        { kind: 'reasoning', text: 'think' },
        { kind: 'text', text: 'hello' },
        { kind: 'tool-call', callId: 'call_1', name: 'f', argumentsText: '{"a":1}', ranBy: 'caller' },
        { kind: 'tool-call', callId: 'call_2', name: 'f', argumentsText: '{"a":2}', ranBy: 'caller' },
      ],
      reason: 'tool-calls',
    },
  ],
  usage: { input: { total: 10, cacheRead: 2 }, output: { total: 5, reasoning: 3 }, toolCalls: { web_search: 1 } },
  notices: [{ code: 'ignored', path: 'seed', message: 'told' }],
  carried: [],
};

const { readRequest, writeAnswer, streamWriter, writeFault } = openaiChat.server;
const fault = new FlashmuxError('rate_limited', 'slow down');

type Mood = 'well' | 'refuses' | 'breaks';

/** A server in one function: what a dialect will do with the codec. */
function serving(mood: Mood): typeof fetch {
  return (_url, init) => {
    const text = typeof init?.body === 'string' ? init.body : '';
    const request = readRequest(parseJson(text) ?? null);
    const envelope = { id: 'gen_1', requestId: 'req_1', createdAt: 1, model: request.model, creditsPerUsd: 1n };
    if (mood === 'refuses') return answered(JSON.stringify(writeFault(fault, 'req_1')), 'application/json', fault.row.status);
    if (request.delivery.kind === 'whole') return answered(JSON.stringify(writeAnswer(said, envelope)), 'application/json');
    const writer = streamWriter(envelope, request);
    const start = unfold(said).slice(0, 4);
    const body = mood === 'breaks' ? writer.write(start) + writer.fault(fault) : writer.write(unfold(said)) + writer.end();
    return answered(body, 'text/event-stream');
  };
}

function answered(body: string, type: string, status = 200): Promise<Response> {
  return Promise.resolve(new Response(body, { status, headers: { 'content-type': type } }));
}

const ask = { model: 'm', messages: [{ role: 'user' as const, content: 'hi' }] };
const asStream = { ...ask, stream: true as const, stream_options: { include_usage: true } };

function client(mood: Mood): { apiKey: string; baseURL: string; maxRetries: number; fetch: typeof fetch } {
  return { apiKey: 'k', baseURL: 'http://127.0.0.1:1/v1', maxRetries: 0, fetch: serving(mood) };
}

describe.each([
  [
    'openai 7',
    {
      whole: (mood: Mood): Promise<unknown> => new OpenAi7(client(mood)).chat.completions.create(ask),
      gathered: (mood: Mood): Promise<unknown> =>
        new OpenAi7(client(mood)).chat.completions.stream(asStream).finalChatCompletion(),
      raw: async (mood: Mood): Promise<unknown[]> =>
        Array.fromAsync(await new OpenAi7(client(mood)).chat.completions.create(asStream)),
    },
  ],
  [
    'openai 6',
    {
      whole: (mood: Mood): Promise<unknown> => new OpenAi6(client(mood)).chat.completions.create(ask),
      gathered: (mood: Mood): Promise<unknown> =>
        new OpenAi6(client(mood)).chat.completions.stream(asStream).finalChatCompletion(),
      raw: async (mood: Mood): Promise<unknown[]> =>
        Array.fromAsync(await new OpenAi6(client(mood)).chat.completions.create(asStream)),
    },
  ],
])('%s', (_, openai) => {
  test('reads a whole reply', async () => {
    expect(await openai.whole('well')).toMatchObject({
      choices: [{ message: { content: 'hello', reasoning_content: 'think', tool_calls: [{ id: 'call_1' }, { id: 'call_2' }] } }],
      usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, prompt_tokens_details: { cached_tokens: 2 } },
    });
  });

  test('gathers a stream into the same message', async () => {
    const calls = [
      { id: 'call_1', function: { name: 'f', arguments: '{"a":1}' } },
      { id: 'call_2', function: { name: 'f', arguments: '{"a":2}' } },
    ];
    expect(await openai.gathered('well')).toMatchObject({
      choices: [{ finish_reason: 'tool_calls', message: { content: 'hello', tool_calls: calls } }],
      usage: { total_tokens: 15 },
    });
  });

  test('throws the message and code of an error', async () => {
    const refusal = { status: 429, code: 'rate_limit_exceeded', message: expect.stringContaining('slow down') };
    await expect(openai.whole('refuses')).rejects.toMatchObject(refusal);
  });

  test('throws where a stream breaks', async () => {
    await expect(openai.raw('breaks')).rejects.toThrow('slow down');
  });
});

const schema = { type: 'object' as const, properties: { a: { type: 'number' as const } } };

/** One shape for two major versions of the same functions. */
interface Told {
  readonly text: string;
  readonly reasoning: string | undefined;
  readonly calls: readonly unknown[];
  readonly tokens: number | undefined;
}

const options = (mood: Mood) => ({
  name: 'x',
  apiKey: 'k',
  baseURL: 'http://127.0.0.1:1/v1',
  fetch: serving(mood),
  includeUsage: true,
});

const sdk7 = (model: (mood: Mood) => Parameters<typeof generateText7>[0]['model']) => ({
  whole: async (mood: Mood): Promise<Told> => {
    const tools = { f: { inputSchema: jsonSchema7(schema) } };
    const { text, reasoningText, toolCalls, usage } = await generateText7({
      model: model(mood),
      prompt: 'hi',
      tools,
      maxRetries: 0,
    });
    return { text, reasoning: reasoningText, calls: toolCalls.map((call) => call.input), tokens: usage.totalTokens };
  },
  streamed: async (mood: Mood): Promise<Told> => {
    const tools = { f: { inputSchema: jsonSchema7(schema) } };
    const errors: unknown[] = [];
    const result = streamText7({
      model: model(mood),
      prompt: 'hi',
      tools,
      maxRetries: 0,
      onError: ({ error }) => void errors.push(error),
    });
    await result.consumeStream();
    if (errors.length > 0) throw new Error(messageOf(errors[0]));
    const [text, reasoning, calls, usage] = await Promise.all([
      result.text,
      result.reasoningText,
      result.toolCalls,
      result.usage,
    ]);
    return { text, reasoning, calls: calls.map((call) => call.input), tokens: usage.totalTokens };
  },
});

const sdk6 = (model: (mood: Mood) => Parameters<typeof generateText6>[0]['model']) => ({
  whole: async (mood: Mood): Promise<Told> => {
    const tools = { f: { inputSchema: jsonSchema6(schema) } };
    const { text, reasoningText, toolCalls, usage } = await generateText6({
      model: model(mood),
      prompt: 'hi',
      tools,
      maxRetries: 0,
    });
    return { text, reasoning: reasoningText, calls: toolCalls.map((call) => call.input), tokens: usage.totalTokens };
  },
  streamed: async (mood: Mood): Promise<Told> => {
    const tools = { f: { inputSchema: jsonSchema6(schema) } };
    const errors: unknown[] = [];
    const result = streamText6({
      model: model(mood),
      prompt: 'hi',
      tools,
      maxRetries: 0,
      onError: ({ error }) => void errors.push(error),
    });
    await result.consumeStream();
    if (errors.length > 0) throw new Error(messageOf(errors[0]));
    const [text, reasoning, calls, usage] = await Promise.all([
      result.text,
      result.reasoningText,
      result.toolCalls,
      result.usage,
    ]);
    return { text, reasoning, calls: calls.map((call) => call.input), tokens: usage.totalTokens };
  },
});

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  return JSON.stringify(error) ?? 'nothing';
}

describe.each([
  ['@ai-sdk/openai-compatible 3', sdk7((mood) => compatible3(options(mood))('m'))],
  ['@ai-sdk/openai-compatible 2', sdk6((mood) => compatible2(options(mood))('m'))],
  ['@ai-sdk/alibaba 2', sdk7((mood) => alibaba2(options(mood))('m'))],
  ['@ai-sdk/alibaba 1', sdk6((mood) => alibaba1(options(mood))('m'))],
])('%s', (_, sdk) => {
  const told = { text: 'hello', reasoning: 'think', calls: [{ a: 1 }, { a: 2 }], tokens: 15 };

  test('reads a whole reply', async () => {
    expect(await sdk.whole('well')).toEqual(told);
  });

  test('reads a stream, no thought twice', async () => {
    expect(await sdk.streamed('well')).toEqual(told);
  });

  test('throws the message of an error', async () => {
    await expect(sdk.whole('refuses')).rejects.toThrow('slow down');
  });

  test('throws where a stream breaks', async () => {
    await expect(sdk.streamed('breaks')).rejects.toThrow(/\S/);
  });
});

test('a request of each client is read without a loss', async () => {
  const seen: unknown[] = [];
  const spy: typeof fetch = (url, init) => {
    const body = parseJson(typeof init?.body === 'string' ? init.body : '') ?? null;
    const { body: again, notices } = openaiChat.client.writeRequest(readRequest(body));
    expect(notices).toEqual([]);
    seen.push([Object.keys(isJsonObject(body) ? body : {}).toSorted(), Object.keys(again).toSorted()]);
    return serving('well')(url, init);
  };
  await generateText7({
    model: alibaba2({ ...options('well'), fetch: spy })('m'),
    prompt: 'hi',
    topK: 3,
    providerOptions: { alibaba: { enableThinking: true, thinkingBudget: 9 } },
  });
  await generateText6({
    model: compatible2({ ...options('well'), fetch: spy })('m'),
    prompt: 'hi',
    temperature: 0,
    stopSequences: ['x'],
  });
  for (const pair of seen) if (Array.isArray(pair)) expect(pair[1]).toEqual(pair[0]);
  expect(seen).toHaveLength(2);
});
