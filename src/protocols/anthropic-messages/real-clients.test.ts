import { createAnthropic as anthropic4 } from '@ai-sdk/anthropic';
import { createAnthropic as anthropic3 } from '@ai-sdk/anthropic-3';
import Anthropic1 from '@anthropic-ai/sdk';
import Anthropic0 from '@anthropic-ai/sdk-0';
import { ChatAnthropic } from '@langchain/anthropic';
import { AIMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import { generateText as generateText7, isStepCount, jsonSchema as jsonSchema7, streamText as streamText7 } from 'ai';
import { generateText as generateText6, jsonSchema as jsonSchema6, stepCountIs, streamText as streamText6 } from 'ai-6';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../../model/answer.ts';
import type { Usage } from '../../model/usage.ts';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { breakingModel, refusingModel, startMessagesServer } from '../../../tests/support/messages-server.ts';
import type { MessagesServer } from '../../../tests/support/messages-server.ts';
import { anthropicMessages } from './anthropic-messages.ts';

/*
 * The published clients, on both of their version lines, over a real socket: they read what the codec writes, and what they send back in the
 * next call is what they were told.
 */

const thought: Part = { kind: 'reasoning', text: 'think' };
const sealed: Part = {
  kind: 'reasoning',
  text: 'again',
  seal: { protocol: 'openai-responses', value: { id: 'rs_1', data: 'ü' } },
};
const calls: readonly Part[] = ['call_1', 'call_2'].map((callId, index) => ({
  kind: 'tool-call',
  callId,
  name: 'f',
  argumentsText: `{"a":${index + 1}}`,
  ranBy: 'caller',
}));
const usage: Usage = {
  input: { total: 12, cacheRead: 2, cacheWrite: 1 },
  output: { total: 5, reasoning: 3 },
  toolCalls: { web_search: 1 },
};
const notices = [{ code: 'ignored' as const, path: 'seed', message: 'told' }];

const asking: Answer = {
  choices: [{ parts: [thought, sealed, { kind: 'text', text: 'hello' }, ...calls], reason: 'tool-calls' }],
  usage,
  notices,
  carried: [],
};
const done: Answer = { choices: [{ parts: [{ kind: 'text', text: 'done' }], reason: 'stop' }], usage, notices, carried: [] };

let server: MessagesServer;
beforeAll(async () => {
  server = await startMessagesServer({
    answer: ({ turns }) => (turns.at(-1)?.role === 'tool' ? done : asking),
    models: ['a', 'b', 'c'].map((id) => ({ id, displayName: id.toUpperCase(), createdAt: 1_770_000_000 })),
    inputTokens: 12,
  });
});
afterAll(() => server.close());

/** The last request as the codec read it, which loses nothing but the proof that another protocol's host alone can read. */
function lastRequest(): GenerateRequest {
  const read = anthropicMessages.server.readRequest(server.bodies.at(-1) ?? null);
  const { notices: told } = anthropicMessages.client.writeRequest(read);
  expect(told.filter((notice) => !notice.message.startsWith('The proof of this thought'))).toEqual([]);
  return read;
}

/** The assistant's turn of a conversation that came back. */
function repliedParts(): readonly Part[] {
  return lastRequest().turns.find((turn) => turn.role === 'assistant')?.parts ?? [];
}

const question = { role: 'user' as const, content: 'hi' };
const tool = { name: 'f', input_schema: { type: 'object' as const, properties: { a: { type: 'number' } } } };
const results = ['call_1', 'call_2'].map((id) => ({ type: 'tool_result' as const, tool_use_id: id, content: 'ok' }));

const sdk1 = (): Anthropic1 => new Anthropic1({ apiKey: 'k', baseURL: server.origin, maxRetries: 0 });
const sdk0 = (): Anthropic0 => new Anthropic0({ apiKey: 'k', baseURL: server.origin, maxRetries: 0 });
const ask = (model: string) => ({ model, max_tokens: 100, messages: [question], tools: [tool] });

describe.each([
  [
    '@anthropic-ai/sdk 1',
    {
      whole: (model: string): Promise<unknown> => sdk1().messages.create(ask(model)),
      gathered: (model: string): Promise<unknown> => sdk1().messages.stream(ask(model)).finalMessage(),
      raw: async (model: string): Promise<unknown[]> =>
        Array.fromAsync(await sdk1().messages.create({ ...ask(model), stream: true })),
      again: async (): Promise<unknown> => {
        const first = await sdk1().messages.stream(ask('m')).finalMessage();
        return sdk1().messages.create({
          ...ask('m'),
          messages: [question, { role: 'assistant', content: first.content }, { role: 'user', content: results }],
        });
      },
      count: (): Promise<unknown> => sdk1().messages.countTokens({ model: 'm', messages: [question], tools: [tool] }),
      models: async (): Promise<unknown[]> => Array.fromAsync(sdk1().models.list({ limit: 2 })),
    },
  ],
  [
    '@anthropic-ai/sdk 0',
    {
      whole: (model: string): Promise<unknown> => sdk0().messages.create(ask(model)),
      gathered: (model: string): Promise<unknown> => sdk0().messages.stream(ask(model)).finalMessage(),
      raw: async (model: string): Promise<unknown[]> =>
        Array.fromAsync(await sdk0().messages.create({ ...ask(model), stream: true })),
      again: async (): Promise<unknown> => {
        const first = await sdk0().messages.stream(ask('m')).finalMessage();
        return sdk0().messages.create({
          ...ask('m'),
          messages: [question, { role: 'assistant', content: first.content }, { role: 'user', content: results }],
        });
      },
      count: (): Promise<unknown> => sdk0().messages.countTokens({ model: 'm', messages: [question], tools: [tool] }),
      models: async (): Promise<unknown[]> => Array.fromAsync(sdk0().models.list({ limit: 2 })),
    },
  ],
])('%s', (_, sdk) => {
  const message = {
    stop_reason: 'tool_use',
    content: [
      { type: 'thinking', thinking: 'think', signature: 'flashmux.unsigned' },
      { type: 'thinking', thinking: 'again', signature: expect.stringMatching(/^flashmux\.seal\/openai-responses\//) },
      { type: 'text', text: 'hello' },
      { type: 'tool_use', id: 'call_1', name: 'f', input: { a: 1 } },
      { type: 'tool_use', id: 'call_2', name: 'f', input: { a: 2 } },
    ],
    usage: { input_tokens: 9, cache_read_input_tokens: 2, cache_creation_input_tokens: 1, output_tokens: 5 },
  };

  test('reads a whole reply', async () => {
    expect(await sdk.whole('m')).toMatchObject({ ...message, notices });
  });

  test('gathers a stream into the same message', async () => {
    expect(await sdk.gathered('m')).toMatchObject(message);
  });

  test('hears the input count in the first event', async () => {
    const [start] = await sdk.raw('m');
    expect(start).toMatchObject({ type: 'message_start', message: { usage: { input_tokens: 12 } } });
  });

  test('sends back the thoughts, calls and results that it was told, word for word', async () => {
    expect(await sdk.again()).toMatchObject({ content: [{ type: 'text', text: 'done' }], stop_reason: 'end_turn' });
    expect(repliedParts()).toEqual(asking.choices[0]?.parts);
  });

  test('throws the type, message and code of an error', async () => {
    await expect(sdk.whole(refusingModel)).rejects.toMatchObject({
      status: 429,
      type: 'rate_limit_error',
      message: expect.stringContaining('slow down'),
      requestID: 'req_1',
    });
  });

  test('throws where a stream breaks', async () => {
    await expect(sdk.gathered(breakingModel)).rejects.toThrow('slow down');
    await expect(sdk.raw(breakingModel)).rejects.toThrow('slow down');
  });

  test('counts tokens', async () => {
    expect(await sdk.count()).toEqual({ input_tokens: 12 });
  });

  test('lists the models, page after page', async () => {
    expect(await sdk.models()).toMatchObject(
      ['a', 'b', 'c'].map((id) => ({ id, type: 'model', display_name: id.toUpperCase(), created_at: '2026-02-02T02:40:00Z' })),
    );
  });
});

const schema = { type: 'object' as const, properties: { a: { type: 'number' as const } } };

/** One shape for two major versions of the same functions. */
interface Told {
  readonly text: string;
  readonly reasoning: string | undefined;
  readonly calls: readonly unknown[];
  readonly input: number | undefined;
  readonly output: number | undefined;
}

const settings = () => ({ apiKey: 'k', baseURL: `${server.origin}/v1` });
const thinkingOn = { anthropic: { thinking: { type: 'enabled' as const, budgetTokens: 1024 } } };

const sdk7 = {
  whole: async (model: string): Promise<Told> => {
    const result = await generateText7({
      model: anthropic4(settings())(model),
      prompt: 'hi',
      tools: { f: { inputSchema: jsonSchema7(schema) } },
      maxRetries: 0,
      providerOptions: thinkingOn,
      maxOutputTokens: 2048,
    });
    const { inputTokens: input, outputTokens: output } = result.usage;
    return {
      text: result.text,
      reasoning: result.reasoningText,
      calls: result.toolCalls.map((call) => call.input),
      input,
      output,
    };
  },
  streamed: async (model: string): Promise<Told> => {
    const errors: unknown[] = [];
    const result = streamText7({
      model: anthropic4(settings())(model),
      prompt: 'hi',
      tools: { f: { inputSchema: jsonSchema7(schema) } },
      maxRetries: 0,
      providerOptions: thinkingOn,
      maxOutputTokens: 2048,
      onError: ({ error }) => void errors.push(error),
    });
    await result.consumeStream();
    if (errors.length > 0) throw new Error(messageOf(errors[0]));
    const [text, reasoning, made, { inputTokens: input, outputTokens: output }] = await Promise.all([
      result.text,
      result.reasoningText,
      result.toolCalls,
      result.usage,
    ]);
    return { text, reasoning, calls: made.map((call) => call.input), input, output };
  },
  loop: async (isStream: boolean): Promise<string> => {
    const options = {
      model: anthropic4(settings())('m'),
      prompt: 'hi',
      tools: { f: { inputSchema: jsonSchema7(schema), execute: () => Promise.resolve('ok') } },
      stopWhen: isStepCount(3),
      providerOptions: thinkingOn,
      maxOutputTokens: 2048,
    };
    return isStream ? streamText7(options).text : (await generateText7(options)).text;
  },
};

const sdk6 = {
  whole: async (model: string): Promise<Told> => {
    const result = await generateText6({
      model: anthropic3(settings())(model),
      prompt: 'hi',
      tools: { f: { inputSchema: jsonSchema6(schema) } },
      maxRetries: 0,
      providerOptions: thinkingOn,
      maxOutputTokens: 2048,
    });
    const { inputTokens: input, outputTokens: output } = result.usage;
    return {
      text: result.text,
      reasoning: result.reasoningText,
      calls: result.toolCalls.map((call) => call.input),
      input,
      output,
    };
  },
  streamed: async (model: string): Promise<Told> => {
    const errors: unknown[] = [];
    const result = streamText6({
      model: anthropic3(settings())(model),
      prompt: 'hi',
      tools: { f: { inputSchema: jsonSchema6(schema) } },
      maxRetries: 0,
      providerOptions: thinkingOn,
      maxOutputTokens: 2048,
      onError: ({ error }) => void errors.push(error),
    });
    await result.consumeStream();
    if (errors.length > 0) throw new Error(messageOf(errors[0]));
    const [text, reasoning, made, { inputTokens: input, outputTokens: output }] = await Promise.all([
      result.text,
      result.reasoningText,
      result.toolCalls,
      result.usage,
    ]);
    return { text, reasoning, calls: made.map((call) => call.input), input, output };
  },
  loop: async (isStream: boolean): Promise<string> => {
    const options = {
      model: anthropic3(settings())('m'),
      prompt: 'hi',
      tools: { f: { inputSchema: jsonSchema6(schema), execute: () => Promise.resolve('ok') } },
      stopWhen: stepCountIs(3),
      providerOptions: thinkingOn,
      maxOutputTokens: 2048,
    };
    return isStream ? streamText6(options).text : (await generateText6(options)).text;
  },
};

function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  return JSON.stringify(error) ?? 'nothing';
}

describe.each([
  ['@ai-sdk/anthropic 4 with ai 7', sdk7],
  ['@ai-sdk/anthropic 3 with ai 6', sdk6],
])('%s', (_, sdk) => {
  const told = { text: 'hello', reasoning: 'think\nagain', calls: [{ a: 1 }, { a: 2 }], input: 12, output: 5 };

  test('reads a whole reply, the cached tokens in its input', async () => {
    expect(withoutBreaks(await sdk.whole('m'))).toEqual(withoutBreaks(told));
  });

  test('reads a stream, the cached tokens in its input', async () => {
    expect(withoutBreaks(await sdk.streamed('m'))).toEqual(withoutBreaks(told));
  });

  test.each([[false], [true]])(
    'runs its tools and sends back what it was told, word for word (streamed: %s)',
    async (isStream) => {
      expect(await sdk.loop(isStream)).toBe('done');
      expect(repliedParts()).toEqual(asking.choices[0]?.parts);
      expect(lastRequest().turns.at(-1)?.parts).toMatchObject([{ callId: 'call_1' }, { callId: 'call_2' }]);
    },
  );

  test('throws the message of an error', async () => {
    await expect(sdk.whole(refusingModel)).rejects.toThrow('slow down');
    await expect(sdk.streamed(refusingModel)).rejects.toThrow('slow down');
  });

  test('throws where a stream breaks', async () => {
    await expect(sdk.streamed(breakingModel)).rejects.toThrow(/slow down/);
  });
});

/** How thoughts are joined is the client's affair. */
function withoutBreaks(one: Told): Told {
  return { ...one, reasoning: one.reasoning?.replaceAll('\n', '') };
}

describe('@langchain/anthropic', () => {
  const chat = (model: string) =>
    new ChatAnthropic({
      model,
      apiKey: 'k',
      anthropicApiUrl: server.origin,
      maxRetries: 0,
      maxTokens: 2000,
      thinking: { type: 'enabled', budget_tokens: 1024 },
    }).bindTools([tool]);
  const toolCalls = [
    { id: 'call_1', name: 'f', args: { a: 1 } },
    { id: 'call_2', name: 'f', args: { a: 2 } },
  ];
  const counts = { input_tokens: 12, output_tokens: 5, input_token_details: { cache_read: 2, cache_creation: 1 } };

  test('reads a whole reply', async () => {
    const reply = await chat('m').invoke('hi');
    expect(reply.text).toBe('hello');
    expect(reply.tool_calls).toMatchObject(toolCalls);
    expect(reply.usage_metadata).toMatchObject(counts);
  });

  test('gathers a stream; the input is what the first event told', async () => {
    const chunks = await Array.fromAsync(await chat('m').stream('hi'));
    const [first, ...rest] = chunks;
    const reply = rest.reduce((one, two) => one?.concat(two), first);
    expect(reply?.text).toBe('hello');
    expect(reply?.tool_calls).toMatchObject(toolCalls);
    expect(reply?.usage_metadata).toMatchObject({ input_tokens: 12, output_tokens: 5 });
  });

  test.each([[false], [true]])('sends back the thoughts, calls and results that it was told (streamed: %s)', async (isStream) => {
    const chunks = isStream ? await Array.fromAsync(await chat('m').stream('hi')) : [await chat('m').invoke('hi')];
    const [first, ...rest] = chunks;
    const reply = rest.reduce((one, two) => one?.concat(two), first);
    const answers = ['call_1', 'call_2'].map((id) => new ToolMessage({ tool_call_id: id, content: 'ok' }));
    const last = await chat('m').invoke([
      new HumanMessage('hi'),
      new AIMessage({ content: reply?.content ?? '', tool_calls: reply?.tool_calls ?? [] }),
      ...answers,
    ]);
    expect(last.text).toBe('done');
    expect(repliedParts()).toEqual(asking.choices[0]?.parts);
  });

  test('throws the message of an error, before and in a stream', async () => {
    await expect(chat(refusingModel).invoke('hi')).rejects.toThrow('slow down');
    await expect(
      chat(breakingModel)
        .stream('hi')
        .then((stream) => Array.fromAsync(stream)),
    ).rejects.toThrow('slow down');
  });
});
