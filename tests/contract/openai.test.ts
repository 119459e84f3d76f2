import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const capital = {
  type: 'json_schema',
  json_schema: {
    name: 'capital',
    schema: {
      type: 'object',
      properties: { city: { const: 'Berlin' }, inhabitants: { type: 'integer', minimum: 1, maximum: 9 } },
      required: ['city', 'inhabitants'],
      additionalProperties: false,
    },
  },
} as const;

const weather = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'The weather of a city.',
    parameters: { type: 'object', properties: { city: { enum: ['Berlin'] } }, required: ['city'], additionalProperties: false },
  },
} as const;

/** Fields of the Qwen family that the client's types do not know; it sends them as they are. */
const noThinking = { enable_thinking: false };
const shortThought = { enable_thinking: true, thinking_budget: 5 };

/** Both lines are in use. The older one is loaded by name, so that the types of the newer serve for both. */
async function clientClass(specifier: string): Promise<typeof OpenAI> {
  const module: { readonly default: typeof OpenAI } = await import(specifier);
  return module.default;
}

describe.each(['openai', 'openai-6'])('%s', (specifier) => {
  let Client: typeof OpenAI;
  beforeAll(async () => {
    Client = await clientClass(specifier);
  });
  const client = (): OpenAI => new Client({ baseURL: `${server.url}/v1`, apiKey: server.key, maxRetries: 0 });
  const hello = { model: 'qwen3.5-flash', messages: [{ role: 'user' as const, content: 'Hello' }], max_tokens: 12, seed: 7 };

  test('a whole answer of the real engine, metered', async () => {
    const answer = await client().chat.completions.create({ ...hello, ...noThinking });
    expect(answer.choices[0]?.message.content).not.toBe('');
    expect(answer.choices[0]?.finish_reason).toBe('length');
    expect(answer.usage?.completion_tokens).toBe(12);
    expect(answer.usage?.total_tokens).toBe((answer.usage?.prompt_tokens ?? 0) + 12);
    expect(answer._request_id).toMatch(/^req_/);
  });

  test('the same answer streamed, with usage at the end', async () => {
    const whole = await client().chat.completions.create({ ...hello, ...noThinking });
    const stream = await client().chat.completions.create({
      ...hello,
      ...noThinking,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let tokens: number | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      tokens = chunk.usage?.completion_tokens ?? tokens;
    }
    expect(text).toBe(whole.choices[0]?.message.content);
    expect(tokens).toBe(12);
  });

  test('a forced tool call, whole and streamed', async () => {
    const forced = {
      ...hello,
      ...noThinking,
      max_tokens: 200,
      tools: [weather],
      tool_choice: 'required' as const,
    };
    const answer = await client().chat.completions.create({ ...forced, tool_choice: 'required', tools: [weather] });
    const call = answer.choices[0]?.message.tool_calls?.[0];
    expect(answer.choices[0]?.finish_reason).toBe('tool_calls');
    expect(call?.type === 'function' ? [call.function.name, JSON.parse(call.function.arguments)] : undefined).toEqual([
      'weather',
      { city: 'Berlin' },
    ]);

    const stream = client().chat.completions.stream({ ...forced, tool_choice: 'required', tools: [weather] });
    const final = await stream.finalChatCompletion();
    const streamed = final.choices[0]?.message.tool_calls?.[0];
    expect(streamed?.type === 'function' ? streamed.function.arguments : undefined).toBe('{"city":"Berlin"}');
  });

  test('a tool result goes back and is answered', async () => {
    const answer = await client().chat.completions.create({
      ...hello,
      ...noThinking,
      messages: [
        { role: 'user', content: 'Weather in Berlin?' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Berlin"}' } }],
        },
        { role: 'tool', tool_call_id: 'call_1', content: 'Rain.' },
      ],
      tools: [weather],
    });
    expect(answer.usage?.completion_tokens).toBeGreaterThan(0);
  });

  test('a JSON schema holds', async () => {
    const answer = await client().chat.completions.create({
      ...hello,
      ...noThinking,
      max_tokens: 200,
      response_format: capital,
    });
    expect(JSON.parse(answer.choices[0]?.message.content ?? '')).toEqual({ city: 'Berlin', inhabitants: expect.any(Number) });
  });

  test('reasoning arrives in both fields', async () => {
    const answer = await client().chat.completions.create({ ...hello, ...shortThought });
    expect(answer.choices[0]?.message).toMatchObject({ reasoning_content: expect.any(String), reasoning: expect.any(String) });
    expect(answer.usage?.completion_tokens_details?.reasoning_tokens).toBe(5);
  });

  test('logprobs are there for every token of the answer', async () => {
    const answer = await client().chat.completions.create({
      ...hello,
      ...noThinking,
      max_tokens: 4,
      logprobs: true,
      top_logprobs: 3,
    });
    const logprobs = answer.choices[0]?.logprobs?.content ?? [];
    expect(logprobs).toHaveLength(4);
    for (const { logprob, top_logprobs } of logprobs) {
      expect(logprob).toBeLessThanOrEqual(0);
      expect(top_logprobs).toHaveLength(3);
    }
  });

  test('an abort ends the stream at once and frees the engine', async () => {
    const controller = new AbortController();
    const stream = await client().chat.completions.create(
      { ...hello, max_tokens: 4_000, stream: true },
      { signal: controller.signal },
    );
    let chunks = 0;
    for await (const chunk of stream) {
      expect(chunk.object).toBe('chat.completion.chunk');
      if (++chunks === 3) controller.abort();
    }
    expect(chunks).toBeLessThan(100);
    await server.idle();
  });

  test('errors come as the errors that the client knows, with the path and the request id', async () => {
    await expect(client().chat.completions.create({ ...hello, model: 'nobody' })).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
      param: 'model',
      requestID: expect.stringMatching(/^req_/),
    });
    await expect(client().chat.completions.create({ ...hello, temperature: 3 })).rejects.toMatchObject({
      status: 400,
      param: 'temperature',
    });
  });

  test('an error in the middle of a stream reaches the caller after what was said', async () => {
    const stream = await client().chat.completions.create({ ...hello, model: 'scripted/error-mid-stream', stream: true });
    let text = '';
    const reading = async (): Promise<void> => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    };
    await expect(reading()).rejects.toThrow();
    expect(text).not.toBe('');
  });

  test('the list of models', async () => {
    const models = await Array.fromAsync(client().models.list());
    expect(models.map((model) => model.id)).toContain('qwen3.5-flash');
    expect(await client().models.retrieve('alibaba/qwen3.5-flash')).toMatchObject({ object: 'model' });
  });
});

test('a wrong key is the client’s authentication error', async () => {
  const stranger = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'fm_live_wrong', maxRetries: 0 });
  await expect(stranger.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
});

test('after a 429 with retry-after the client tries again by itself', async () => {
  const patient = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key, maxRetries: 2 });
  const answer = await patient.chat.completions.create({
    model: 'scripted/429-then-ok',
    messages: [{ role: 'user', content: 'once more' }],
  });
  expect(answer.choices[0]?.message.content).not.toBe('');
});
