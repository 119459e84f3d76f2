import type { LanguageModel, ModelMessage, StopCondition, ToolSet } from 'ai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { isJsonObject, parseJson } from '../../src/model/json.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { startTestServer } from '../support/test-server.ts';
import type { TestServer } from '../support/test-server.ts';

// The AI SDK's provider for OpenAI, whose default is the Responses API with `store: true`: it names every earlier item by its id.

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

type AiPackage = typeof import('ai');
type OpenAiPackage = typeof import('@ai-sdk/openai');

const quiet = { maxRetries: 0 };
const city = z.object({ city: z.literal('Berlin') });
const stateless = { openai: { store: false, include: ['reasoning.encrypted_content'], forceReasoning: true } };
const thinking = { openai: { forceReasoning: true } };

/** The older lines are loaded by name, so that the types of the newer ones serve for both. */
async function load(aiName: string, packageName: string): Promise<Line> {
  const ai: AiPackage = await import(aiName);
  const { createOpenAI }: OpenAiPackage = await import(packageName);
  const bodies: JsonObject[] = [];
  const recordingFetch: typeof fetch = (input, init) => {
    const body = parseJson(typeof init?.body === 'string' ? init.body : '');
    if (isJsonObject(body)) bodies.push(body);
    return fetch(input, init);
  };
  const openai = createOpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key, fetch: recordingFetch });
  const stepsUpTo: (count: number) => StopCondition<ToolSet> = 'isStepCount' in ai ? ai.isStepCount : Object(ai)['stepCountIs'];
  return { ai, bodies, stepsUpTo, model: (id) => openai(id) };
}

interface Line {
  readonly ai: AiPackage;
  /** Of every request so far. */
  readonly bodies: JsonObject[];
  readonly model: (id: string) => LanguageModel;
  readonly stepsUpTo: (count: number) => StopCondition<ToolSet>;
}

/** The types of the items in the input of the newest request. */
function lastInput({ bodies }: Line): readonly JsonObject[] {
  const input = bodies.at(-1)?.['input'];
  return Array.isArray(input) ? input.filter((item) => isJsonObject(item)) : [];
}

/** The input of a kept response, the oldest item first. */
async function keptInput(id: string | undefined): Promise<readonly JsonObject[]> {
  const reply = await fetch(`${server.url}/v1/responses/${id}/input_items?order=asc`, {
    headers: { authorization: `Bearer ${server.key}` },
  });
  const body: { readonly data: readonly JsonObject[] } = JSON.parse(await reply.text());
  return body.data;
}

describe.each([
  ['ai 7, openai 4', 'ai', '@ai-sdk/openai'],
  ['ai 6, openai 3', 'ai-6', '@ai-sdk/openai-3'],
])('%s', (_, aiName, packageName) => {
  let line: Line;
  beforeAll(async () => {
    line = await load(aiName, packageName);
  });

  test('a whole answer of the real engine, with its usage', async () => {
    const result = await line.ai.generateText({
      ...quiet,
      model: line.model('qwen3.5-flash'),
      prompt: 'Hello',
      maxOutputTokens: 16,
    });
    // A tiny model may end by chance before it has written all that it may.
    const { outputTokens = 0 } = result.usage;
    expect(outputTokens).toBeGreaterThan(0);
    expect(result.finishReason).toBe(outputTokens === 16 ? 'length' : 'stop');
    expect(result.response.id).toMatch(/^resp_/);
  });

  test('a stream with its thoughts', async () => {
    const seen = { text: '', reasoning: '' };
    const result = line.ai.streamText({ ...quiet, model: line.model('scripted/thinking'), prompt: 'Hello' });
    for await (const part of result.fullStream) {
      if (part.type === 'text-delta') seen.text += part.text;
      if (part.type === 'reasoning-delta') seen.reasoning += part.text;
    }
    expect(seen).toEqual({ text: 'Hello from the script.', reasoning: 'First I think about it. ' });
  });

  test('structured output of the real engine', async () => {
    const output = line.ai.Output.object({ schema: city });
    const result = await line.ai.generateText({
      ...quiet,
      model: line.model('qwen3.5-flash'),
      prompt: 'Which city?',
      maxOutputTokens: 200,
      providerOptions: { openai: { reasoningEffort: 'none' } },
      output,
    });
    expect(result.output).toEqual({ city: 'Berlin' });
  });

  test('parallel tools run, and their results come back', async () => {
    const asked: unknown[] = [];
    const weather = line.ai.tool({
      inputSchema: z.looseObject({}),
      execute: async (input) => {
        asked.push(input);
        return 'rain';
      },
    });
    const result = await line.ai.generateText({
      ...quiet,
      model: line.model('scripted/parallel-tools'),
      prompt: 'Weather?',
      tools: { weather },
      stopWhen: line.stepsUpTo(3),
    });
    expect(asked).toHaveLength(2);
    expect(result.text).toBe('The tool said: rain');
    expect((await keptInput(result.response.id)).map(({ type }) => type)).toEqual([
      'message',
      'function_call',
      'function_call',
      'function_call_output',
      'function_call_output',
    ]);
  });

  test('a conversation names its earlier items, thoughts included, and the server has them', async () => {
    const messages: ModelMessage[] = [{ role: 'user', content: 'One' }];
    for (const model of ['scripted/thinking', 'scripted/hello']) {
      const result = await line.ai.generateText({ ...quiet, model: line.model(model), messages, providerOptions: thinking });
      messages.push(...result.response.messages, { role: 'user', content: `after ${model}` });
    }
    const last = await line.ai.generateText({
      ...quiet,
      model: line.model('scripted/echo'),
      messages,
      providerOptions: thinking,
    });
    expect(last.text).toBe('after scripted/hello');
    expect(lastInput(line).filter(({ type }) => type === 'item_reference').length).toBeGreaterThanOrEqual(2);
    const kept = await keptInput(last.response.id);
    expect(kept.map(({ type, role }) => [type, role])).toEqual([
      ['message', 'user'],
      ['reasoning', undefined],
      ['message', 'assistant'],
      ['message', 'user'],
      ['message', 'assistant'],
      ['message', 'user'],
    ]);
    expect(kept[1]).toMatchObject({ summary: [{ text: 'First I think about it. ' }] });
  });

  test('the same conversation with store: false sends its thoughts back', async () => {
    const messages: ModelMessage[] = [{ role: 'user', content: 'One' }];
    const first = await line.ai.generateText({
      ...quiet,
      model: line.model('scripted/thinking'),
      messages,
      providerOptions: stateless,
    });
    messages.push(...first.response.messages, { role: 'user', content: 'Two' });
    const second = await line.ai.generateText({
      ...quiet,
      model: line.model('scripted/echo'),
      messages,
      providerOptions: stateless,
    });
    expect(second.text).toBe('Two');
    expect(second.warnings).toEqual([]);
    const sent = lastInput(line);
    expect(sent.map(({ type, role }) => type ?? role)).toEqual(['user', 'reasoning', 'assistant', 'user']);
    expect(sent[1]).toMatchObject({
      encrypted_content: expect.any(String),
      summary: [{ type: 'summary_text', text: 'First I think about it. ' }],
    });
  });

  test('an earlier response is gone on from by its id', async () => {
    const first = await line.ai.generateText({ ...quiet, model: line.model('scripted/hello'), prompt: 'One' });
    const second = await line.ai.generateText({
      ...quiet,
      model: line.model('scripted/echo'),
      prompt: 'Two',
      providerOptions: { openai: { previousResponseId: first.response.id ?? '' } },
    });
    expect(second.text).toBe('Two');
    expect(second.usage.inputTokens).toBeGreaterThan(first.usage.inputTokens ?? 0);
  });

  test('an error before the answer has our words', async () => {
    await expect(line.ai.generateText({ ...quiet, model: line.model('nobody'), prompt: 'Hello' })).rejects.toThrow(/nobody/);
  });

  test('an error in the middle of a stream is an error', async () => {
    const seen: { text: string; failed: unknown } = { text: '', failed: undefined };
    const result = line.ai.streamText({
      ...quiet,
      model: line.model('scripted/error-mid-stream'),
      prompt: 'Hello',
      onError: ({ error }) => void (seen.failed = error),
    });
    for await (const part of result.fullStream) if (part.type === 'text-delta') seen.text += part.text;
    expect(seen.text).not.toBe('');
    expect(seen.failed).toBeDefined();
  });

  test('an abort frees the engine', async () => {
    const controller = new AbortController();
    const result = line.ai.streamText({
      ...quiet,
      model: line.model('qwen3.5-flash'),
      prompt: 'Hello',
      maxOutputTokens: 4_000,
      abortSignal: controller.signal,
      onError: () => undefined,
    });
    for await (const part of result.fullStream)
      if (part.type === 'text-delta' || part.type === 'reasoning-delta') controller.abort();
    await server.idle();
  });
});
