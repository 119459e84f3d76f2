import type { LanguageModel } from 'ai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const settings = (): { baseURL: string; apiKey: string; name: string } => ({
  baseURL: `${server.url}/v1`,
  apiKey: server.key,
  name: 'flashmux',
});
const city = z.object({ city: z.literal('Berlin') });
const quiet = { maxRetries: 0, prompt: 'Hello', seed: 7 };

type AiPackage = typeof import('ai');
type CompatiblePackage = typeof import('@ai-sdk/openai-compatible');
type AlibabaPackage = typeof import('@ai-sdk/alibaba');

/** The older lines are loaded by name, so that the types of the newer ones serve for both. */
async function compatibleLine(aiName: string, packageName: string): Promise<Line> {
  const ai: AiPackage = await import(aiName);
  const { createOpenAICompatible }: CompatiblePackage = await import(packageName);
  return lineOf(ai, (id) => createOpenAICompatible({ ...settings(), includeUsage: true, supportsStructuredOutputs: true })(id));
}

async function alibabaLine(aiName: string, packageName: string): Promise<Line> {
  const ai: AiPackage = await import(aiName);
  const { createAlibaba }: AlibabaPackage = await import(packageName);
  return lineOf(ai, (id) => createAlibaba(settings())(id));
}

interface Seen {
  text: string;
  reasoning: string;
  failed: unknown;
}

interface Line {
  text(model: string, maxOutputTokens: number): Promise<{ text: string; finishReason: string; outputTokens: number | undefined }>;
  stream(model: string, maxOutputTokens: number, signal?: AbortSignal): Promise<Seen>;
  object(model: string, schema: z.ZodType): Promise<unknown>;
  tool(model: string): Promise<unknown>;
}

type Thinking = Readonly<Record<string, Readonly<Record<string, boolean>>>>;
const off: Thinking = { flashmux: { enable_thinking: false }, alibaba: { enableThinking: false } };

function lineOf(ai: AiPackage, model: (id: string) => LanguageModel): Line {
  return {
    async text(id, maxOutputTokens) {
      const result = await ai.generateText({ ...quiet, model: model(id), maxOutputTokens, providerOptions: off });
      return { text: result.text, finishReason: result.finishReason, outputTokens: result.usage.outputTokens };
    },
    async stream(id, maxOutputTokens, signal) {
      const seen: Seen = { text: '', reasoning: '', failed: undefined };
      const result = ai.streamText({
        ...quiet,
        model: model(id),
        maxOutputTokens,
        ...(signal === undefined ? {} : { abortSignal: signal }),
        onError: ({ error }) => void (seen.failed = error),
      });
      for await (const part of result.fullStream) {
        if (part.type === 'text-delta') seen.text += part.text;
        if (part.type === 'reasoning-delta') seen.reasoning += part.text;
      }
      return seen;
    },
    async object(id, schema) {
      const result = await ai.generateText({
        ...quiet,
        model: model(id),
        maxOutputTokens: 200,
        providerOptions: off,
        output: ai.Output.object({ schema }),
      });
      return result.output;
    },
    async tool(id) {
      const result = await ai.generateText({
        ...quiet,
        model: model(id),
        maxOutputTokens: 200,
        providerOptions: off,
        tools: { weather: ai.tool({ inputSchema: city }) },
        toolChoice: 'required',
      });
      return result.toolCalls[0]?.input;
    },
  };
}

describe.each([
  ['ai 7, openai-compatible 3', () => compatibleLine('ai', '@ai-sdk/openai-compatible')],
  ['ai 7, alibaba 2', () => alibabaLine('ai', '@ai-sdk/alibaba')],
  ['ai 6, openai-compatible 2', () => compatibleLine('ai-6', '@ai-sdk/openai-compatible-2')],
  ['ai 6, alibaba 1', () => alibabaLine('ai-6', '@ai-sdk/alibaba-1')],
] as const)('%s', (named, loadLine) => {
  let line: Line;
  beforeAll(async () => {
    line = await loadLine();
  });

  test('a whole answer of the real engine', async () => {
    const { text, finishReason, outputTokens } = await line.text('qwen3.5-flash', 12);
    expect(text).not.toBe('');
    expect([finishReason, outputTokens]).toEqual(['length', 12]);
  });

  test('a stream with reasoning before the text', async () => {
    const { text, reasoning, failed } = await line.stream('scripted/thinking', 100);
    expect(failed).toBeUndefined();
    expect(reasoning).not.toBe('');
    expect(text).not.toBe('');
  });

  test('structured output', async () => {
    // The alibaba provider asks for JSON mode and writes the schema into the prompt, so random weights are free in what they put in.
    if (named.includes('alibaba')) expect(await line.object('qwen3.5-flash', z.looseObject({}))).toBeTypeOf('object');
    else expect(await line.object('qwen3.5-flash', city)).toEqual({ city: 'Berlin' });
  });

  test('a forced tool call', async () => {
    expect(await line.tool('qwen3.5-flash')).toEqual({ city: 'Berlin' });
  });

  test('an abort frees the engine', async () => {
    const controller = new AbortController();
    const streaming = line.stream('qwen3.5-flash', 4_000, controller.signal);
    setTimeout(() => controller.abort(), 100);
    await streaming.catch(() => undefined);
    await server.idle();
  });

  test('an error before the answer has our words', async () => {
    await expect(line.text('nobody', 5)).rejects.toThrow(/nobody/);
  });

  test('an error in the middle of a stream is an error', async () => {
    const { text, failed } = await line.stream('scripted/error-mid-stream', 5);
    expect(text).not.toBe('');
    expect(failed).toBeDefined();
  });
});
