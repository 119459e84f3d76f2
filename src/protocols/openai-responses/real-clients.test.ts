import { createOpenAI as createOpenAi4 } from '@ai-sdk/openai';
import { createOpenAI as createOpenAi3 } from '@ai-sdk/openai-3';
import {
  generateText as generateText7,
  isStepCount as stepCount7,
  jsonSchema as jsonSchema7,
  streamText as streamText7,
  tool as tool7,
} from 'ai';
import {
  generateText as generateText6,
  jsonSchema as jsonSchema6,
  stepCountIs as stepCount6,
  streamText as streamText6,
  tool as tool6,
} from 'ai-6';
import OpenAi7 from 'openai';
import { zodTextFormat as zodTextFormat7 } from 'openai/helpers/zod';
import OpenAi6 from 'openai-6';
import { zodTextFormat as zodTextFormat6 } from 'openai-6/helpers/zod';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Json } from '../../model/json.ts';
import { startCodecServer } from '../../../tests/support/codec-server.ts';
import type { CodecServer } from '../../../tests/support/codec-server.ts';
import { openaiResponses } from './openai-responses.ts';
import { reply, said, seal } from './scripted-replies.test-support.ts';

/*
 * The published clients, on both of their version lines, against a socket behind which there is nothing but the codec. The model that a
 * request names says what comes back.
 */

let server: CodecServer;
beforeAll(async () => {
  server = await startCodecServer(openaiResponses, reply);
});
afterAll(() => server.close());

const options = () => ({ apiKey: 'k', baseURL: `${server.origin}/v1`, maxRetries: 0 });
const form = z.object({ a: z.number() });
const call = (a: number) => ({ type: 'function_call', call_id: `call_${a}`, name: 'f', arguments: `{"a":${a}}` });

/** The items of this test's answer: not all that the types allow can be sent back as they came. */
function isSaidHere<Item extends { readonly type: string }>(
  item: Item,
): item is Extract<Item, { type: 'message' | 'reasoning' | 'function_call' }> {
  return ['message', 'reasoning', 'function_call'].includes(item.type);
}

describe.each([
  [
    'openai 7',
    {
      whole: (model: string) => new OpenAi7(options()).responses.create({ model, input: 'hi' }),
      gathered: (model: string) => new OpenAi7(options()).responses.stream({ model, input: 'hi' }).finalResponse(),
      raw: async (model: string) =>
        Array.fromAsync(await new OpenAi7(options()).responses.create({ model, input: 'hi', stream: true })),
      parsed: async (model: string) =>
        (await new OpenAi7(options()).responses.parse({ model, input: 'hi', text: { format: zodTextFormat7(form, 'form') } }))
          .output_parsed,
      again: async (model: string) => {
        const openai = new OpenAi7(options());
        const { output } = await openai.responses.create({ model, input: 'hi' });
        const results = [1, 2].map((a) => ({ type: 'function_call_output' as const, call_id: `call_${a}`, output: `${a}` }));
        return openai.responses.create({
          model,
          input: [{ role: 'user', content: 'hi' }, ...output.filter(isSaidHere), ...results],
        });
      },
    },
  ],
  [
    'openai 6',
    {
      whole: (model: string) => new OpenAi6(options()).responses.create({ model, input: 'hi' }),
      gathered: (model: string) => new OpenAi6(options()).responses.stream({ model, input: 'hi' }).finalResponse(),
      raw: async (model: string) =>
        Array.fromAsync(await new OpenAi6(options()).responses.create({ model, input: 'hi', stream: true })),
      parsed: async (model: string) =>
        (await new OpenAi6(options()).responses.parse({ model, input: 'hi', text: { format: zodTextFormat6(form, 'form') } }))
          .output_parsed,
      again: async (model: string) => {
        const openai = new OpenAi6(options());
        const { output } = await openai.responses.create({ model, input: 'hi' });
        const results = [1, 2].map((a) => ({ type: 'function_call_output' as const, call_id: `call_${a}`, output: `${a}` }));
        return openai.responses.create({
          model,
          input: [{ role: 'user', content: 'hi' }, ...output.filter(isSaidHere), ...results],
        });
      },
    },
  ],
])('%s', (_, openai) => {
  const output = [
    { type: 'reasoning', summary: [{ text: 'think' }] },
    { type: 'message', content: [{ text: 'hello', annotations: [{ type: 'url_citation', url: 'http://a/' }] }] },
    call(1),
    call(2),
  ];

  test('reads a whole reply, with our own fields beside it', async () => {
    expect(await openai.whole('m')).toMatchObject({
      status: 'completed',
      output_text: 'hello',
      output,
      usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15, input_tokens_details: { cached_tokens: 2 } },
      provider: 'host',
      notices: [{ path: 'seed' }],
    });
  });

  test.each(['m', 'interleaves'])('gathers the stream of %s into the same response', async (model) => {
    const whole = await openai.whole(model);
    const gathered = await openai.gathered(model);
    expect(gathered).toMatchObject({ status: 'completed', output_text: 'hello', output });
    const plain = (response: object): unknown => JSON.parse(JSON.stringify(response).replaceAll(/gen_\d+/g, 'gen'));
    expect(plain(gathered)).toMatchObject(plain({ ...whole }) ?? {});
  });

  test('numbers its events from 0 without a gap', async () => {
    const events = await openai.raw('m');
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_event, index) => index));
  });

  test('parses a structured answer', async () => {
    expect(await openai.parsed('answers-in-json')).toEqual({ a: 1 });
  });

  test('gathers a refusal, and an answer that was cut', async () => {
    expect(await openai.gathered('declines')).toMatchObject({ output: [{ content: [{ type: 'refusal', refusal: 'no' }] }] });
    const cut = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output_text: 'hel' };
    expect(await openai.gathered('is-cut')).toMatchObject(cut);
    expect(await openai.whole('is-cut')).toMatchObject(cut);
  });

  test('gathers tools that a server ran', async () => {
    const types = ['web_search_call', 'web_search_call', 'code_interpreter_call', 'mcp_call', 'mcp_call', 'message'];
    expect((await openai.gathered('searches')).output.map((item) => item.type)).toEqual(types);
  });

  test('sends an answer back with nothing lost', async () => {
    await openai.again('m');
    const { turns } = server.requests.at(-1) ?? { turns: [] };
    expect(turns.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'tool']);
    expect(turns[1]?.parts.map(({ itemId: _id, ...part }) => part)).toEqual(said.choices[0]?.parts);
  });

  test('throws the message and code of an error', async () => {
    const refusal = { status: 429, code: 'rate_limit_exceeded', message: expect.stringContaining('slow down') };
    await expect(openai.whole('refuses')).rejects.toMatchObject(refusal);
    await expect(openai.gathered('refuses')).rejects.toMatchObject(refusal);
  });

  test('throws where a stream breaks', async () => {
    await expect(openai.raw('breaks')).rejects.toThrow('slow down');
    await expect(openai.gathered('breaks')).rejects.toThrow('slow down');
  });
});

const schema = { type: 'object' as const, properties: { a: { type: 'number' as const } } };

/** One shape for two major versions of the same functions. */
interface Told {
  readonly text: string;
  readonly reasoning: string | undefined;
  readonly calls: readonly unknown[];
  readonly tokens: number | undefined;
  readonly sources: number;
}

/** Without a store the whole conversation comes back in each step, sealed thoughts included. */
const unstored = { openai: { store: false, include: ['reasoning.encrypted_content' as const] } };
const sum = (input: unknown): string => JSON.stringify(input);

const sdk7 = {
  whole: async (name: string): Promise<Told> => {
    const model = createOpenAi4(options()).responses(name);
    const result = await generateText7({
      model,
      prompt: 'hi',
      tools: { f: { inputSchema: jsonSchema7(schema) } },
      maxRetries: 0,
    });
    const { text, reasoningText, toolCalls, usage, sources } = result;
    const { length } = sources;
    return { text, reasoning: reasoningText, calls: toolCalls.map(inputOf), tokens: usage.totalTokens, sources: length };
  },
  streamed: async (name: string): Promise<Told> => {
    const errors: unknown[] = [];
    const model = createOpenAi4(options()).responses(name);
    const tools = { f: { inputSchema: jsonSchema7(schema) } };
    const onError = ({ error }: { error: unknown }): void => void errors.push(error);
    const result = streamText7({ model, prompt: 'hi', tools, maxRetries: 0, onError });
    await result.consumeStream();
    if (errors.length > 0) throw new Error(messageOf(errors[0]));
    const [text, reasoning, toolCalls, usage] = await Promise.all([
      result.text,
      result.reasoningText,
      result.toolCalls,
      result.usage,
    ]);
    const { length } = await result.sources;
    return { text, reasoning, calls: toolCalls.map(inputOf), tokens: usage.totalTokens, sources: length };
  },
  inSteps: async (): Promise<string> => {
    const model = createOpenAi4(options()).responses('calls-once');
    const tools = { f: tool7({ inputSchema: jsonSchema7(schema), execute: sum }) };
    const { text } = await generateText7({ model, prompt: 'hi', tools, stopWhen: stepCount7(2), providerOptions: unstored });
    return text;
  },
};

const sdk6 = {
  whole: async (name: string): Promise<Told> => {
    const model = createOpenAi3(options()).responses(name);
    const result = await generateText6({
      model,
      prompt: 'hi',
      tools: { f: { inputSchema: jsonSchema6(schema) } },
      maxRetries: 0,
    });
    const { text, reasoningText, toolCalls, usage, sources } = result;
    const { length } = sources;
    return { text, reasoning: reasoningText, calls: toolCalls.map(inputOf), tokens: usage.totalTokens, sources: length };
  },
  streamed: async (name: string): Promise<Told> => {
    const errors: unknown[] = [];
    const model = createOpenAi3(options()).responses(name);
    const tools = { f: { inputSchema: jsonSchema6(schema) } };
    const onError = ({ error }: { error: unknown }): void => void errors.push(error);
    const result = streamText6({ model, prompt: 'hi', tools, maxRetries: 0, onError });
    await result.consumeStream();
    if (errors.length > 0) throw new Error(messageOf(errors[0]));
    const [text, reasoning, toolCalls, usage] = await Promise.all([
      result.text,
      result.reasoningText,
      result.toolCalls,
      result.usage,
    ]);
    const { length } = await result.sources;
    return { text, reasoning, calls: toolCalls.map(inputOf), tokens: usage.totalTokens, sources: length };
  },
  inSteps: async (): Promise<string> => {
    const model = createOpenAi3(options()).responses('calls-once');
    const tools = { f: tool6({ inputSchema: jsonSchema6(schema), execute: sum }) };
    const { text } = await generateText6({ model, prompt: 'hi', tools, stopWhen: stepCount6(2), providerOptions: unstored });
    return text;
  },
};

function inputOf({ input }: { readonly input: unknown }): unknown {
  return input;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : (JSON.stringify(error) ?? 'nothing');
}

describe.each([
  ['@ai-sdk/openai 4', sdk7],
  ['@ai-sdk/openai 3', sdk6],
])('%s', (_, sdk) => {
  const told = { text: 'hello', reasoning: 'think', calls: [{ a: 1 }, { a: 2 }], tokens: 15, sources: 1 };

  test.each(['m', 'interleaves'])('reads a whole reply of %s', async (model) => {
    expect(await sdk.whole(model)).toEqual(told);
  });

  test.each(['m', 'interleaves'])('reads the stream of %s, no thought twice', async (model) => {
    expect(await sdk.streamed(model)).toEqual(told);
  });

  test('reads tools that a server ran, whole and streamed', async () => {
    const found = { text: 'found', calls: expect.objectContaining({ length: 5 }) };
    expect(await sdk.whole('searches')).toMatchObject(found);
    expect(await sdk.streamed('searches')).toMatchObject(found);
  });

  test('goes on after its tools, and gives the sealed thought back', async () => {
    expect(await sdk.inSteps()).toBe('done');
    const { turns } = server.requests.at(-1) ?? { turns: [] };
    const parts = turns.flatMap((turn) => turn.parts);
    expect(parts).toContainEqual(expect.objectContaining({ kind: 'reasoning', text: 'think', seal }));
    expect(parts.map(({ kind }) => kind)).toEqual([
      'text',
      'reasoning',
      'text',
      'tool-call',
      'tool-call',
      'tool-result',
      'tool-result',
    ]);
  });

  test('throws the message of an error', async () => {
    await expect(sdk.whole('refuses')).rejects.toThrow('slow down');
    await expect(sdk.streamed('refuses')).rejects.toThrow('slow down');
  });

  test('throws where a stream breaks', async () => {
    await expect(sdk.streamed('breaks')).rejects.toThrow('slow down');
  });
});

test('a request of each client is written back with all it said', () => {
  expect(server.bodies.length).toBeGreaterThan(20);
  for (const body of server.bodies) {
    const { notices } = openaiResponses.client.writeRequest(openaiResponses.server.readRequest(body));
    // The seal of another protocol is the one thing that does not go to an upstream of this one.
    expect(notices.filter(({ message }) => !message.includes('proof'))).toEqual([]);
  }
  const optionNames = (body: Json): readonly string[] => Object.keys(body ?? {}).filter((key) => key !== 'input');
  for (const body of server.bodies) {
    const again = openaiResponses.client.writeRequest(openaiResponses.server.readRequest(body)).body;
    expect(optionNames(again).toSorted()).toEqual(optionNames(body).toSorted());
  }
});
