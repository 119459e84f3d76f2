import Anthropic from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { createAlibaba } from '@ai-sdk/alibaba';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { generateObject, streamObject } from 'ai';
import OpenAI from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { startWaywardUpstream, type WaywardUpstream } from './wayward-upstream.ts';

let upstream: WaywardUpstream;
/** The host of the provider that comes second. */
let able: WaywardUpstream;
let server: TestServer;

beforeAll(async () => {
  upstream = await startWaywardUpstream();
  able = await startWaywardUpstream();
  const host = (name: string, quirks: string, model = name): object => {
    return { name, base_url: upstream.baseUrl, quirks, models: { [model]: 'm' } };
  };
  server = await startTestServer({
    settings: {
      engine: { enabled: false },
      prices: { unpriced: 'free' },
      providers: [
        host('formless', 'ollama'),
        host('nobody-knows', 'generic'),
        host('thoughtless', 'dashscope'),
        host('held', 'vllm'),
        host('priced', 'ollama', 'qwen3.5-flash'),
        host('stubborn', 'ollama', 'shared'),
        { name: 'able', base_url: able.baseUrl, quirks: 'ollama', models: { shared: 'm' } },
      ],
    },
  });
});
afterAll(async () => {
  await server.stop();
  await upstream.close();
  await able.close();
});

const city = z.object({ city: z.string(), inhabitants: z.number().int() });
const berlin = { city: 'Berlin', inhabitants: 3_700_000 };
const right = JSON.stringify(berlin);
const wrong = JSON.stringify({ city: 'Berlin', inhabitants: 'many' });
const fenced = `Here you are:\n\`\`\`json\n${right}\n\`\`\``;

const openai = (): OpenAI => new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key, maxRetries: 0 });
const anthropic = (): Anthropic => new Anthropic({ baseURL: server.url, apiKey: server.key, maxRetries: 0 });
const messages = [{ role: 'user' as const, content: 'Tell me of Berlin.' }];

describe.each(['formless', 'nobody-knows'])('a schema on a host whose row has none (%s)', (model) => {
  test('chat completions, parsed by the client, after one answer that did not fit', async () => {
    upstream.says({ text: wrong, usage: [20, 9] }, { text: right, usage: [60, 11] });
    const answer = await openai().chat.completions.parse({ model, messages, response_format: zodResponseFormat(city, 'city') });
    expect(answer.choices[0]?.message.parsed).toEqual(berlin);
    expect(answer.choices).toHaveLength(1);
    expect(answer.usage).toMatchObject({ prompt_tokens: 20, completion_tokens: 11 });
    expect(upstream.bodies).toHaveLength(2);
    expect(JSON.stringify(upstream.bodies[1])).toContain('/inhabitants must be integer');
  });

  test('chat completions, streamed: thoughts first, then one text, one usage', async () => {
    upstream.says({ thought: 'Well.', text: wrong, usage: [20, 9] }, { text: fenced, usage: [60, 11] });
    const stream = await openai().chat.completions.create({
      model,
      messages,
      stream: true,
      stream_options: { include_usage: true },
      response_format: zodResponseFormat(city, 'city'),
    });
    let text = '';
    let usages = 0;
    const reasons: string[] = [];
    for await (const { choices, usage } of stream) {
      text += choices[0]?.delta.content ?? '';
      if (typeof choices[0]?.finish_reason === 'string') reasons.push(choices[0].finish_reason);
      if (usage !== null && usage !== undefined) usages++;
    }
    expect([text, reasons, usages]).toEqual([right, ['stop'], 1]);
  });

  test('responses, parsed by the client', async () => {
    upstream.says({ text: wrong }, { text: fenced });
    const answer = await openai().responses.parse({
      model,
      input: 'Tell me of Berlin.',
      text: { format: zodTextFormat(city, 'city') },
    });
    expect([answer.output_parsed, answer.status]).toEqual([berlin, 'completed']);
  });

  test('responses, streamed', async () => {
    upstream.says({ text: wrong }, { text: right });
    const stream = openai().responses.stream({
      model,
      input: 'Tell me of Berlin.',
      text: { format: zodTextFormat(city, 'city') },
    });
    const final = await stream.finalResponse();
    expect(final.output_parsed).toEqual(berlin);
  });

  test('messages, parsed by the client, whole and streamed', async () => {
    const asked = { model, max_tokens: 200, messages, output_config: { format: zodOutputFormat(city) } };
    upstream.says({ text: wrong }, { text: fenced });
    expect((await anthropic().messages.parse(asked)).parsed_output).toEqual(berlin);
    upstream.says({ text: wrong }, { text: right });
    const final = await anthropic().messages.stream(asked).finalMessage();
    expect(final.content).toMatchObject([{ type: 'text', text: right }]);
  });

  test('generateObject and streamObject of the AI SDK', async () => {
    const settings = { baseURL: `${server.url}/v1`, apiKey: server.key, name: 'flashmux' };
    const compatible = createOpenAICompatible({ ...settings, supportsStructuredOutputs: true })(model);
    const prompt = 'Tell me of Berlin.';
    upstream.says({ text: wrong }, { text: fenced });
    expect((await generateObject({ model: compatible, schema: city, prompt, maxRetries: 0 })).object).toEqual(berlin);
    upstream.says({ text: wrong }, { text: right });
    const stream = streamObject({ model: compatible, schema: city, prompt, maxRetries: 0 });
    expect((await Array.fromAsync(stream.partialObjectStream)).at(-1)).toEqual(berlin);
    expect(await stream.object).toEqual(berlin);
    // This client puts the schema into its prompt and asks for JSON alone.
    upstream.says({ text: `[${right}]` }, { text: fenced });
    expect((await generateObject({ model: createAlibaba(settings)(model), schema: city, prompt, maxRetries: 0 })).object).toEqual(
      berlin,
    );
  });

  test('json_object', async () => {
    upstream.says({ text: 'Sure: {"a": 1,}' });
    const answer = await openai().chat.completions.create({ model, messages, response_format: { type: 'json_object' } });
    expect(answer.choices[0]?.message.content).toBe('{"a": 1}');
  });

  test('a host that cannot is a clear error, and nothing is charged', async () => {
    upstream.says({ text: 'I would rather not.' });
    const asked = openai().chat.completions.create({ model, messages, response_format: zodResponseFormat(city, 'city') });
    await expect(asked).rejects.toMatchObject({ status: 502, message: expect.stringMatching(/holds no JSON value/) });
  });

  test('a schema that is none is refused before anybody is asked', async () => {
    upstream.says({ text: right });
    const json_schema = { name: 'x', schema: { type: 'nonsense' } };
    const asked = openai().chat.completions.create({ model, messages, response_format: { type: 'json_schema', json_schema } });
    await expect(asked).rejects.toMatchObject({
      status: 400,
      code: 'invalid_json_schema',
      param: 'response_format.json_schema.schema',
    });
    expect(upstream.bodies).toHaveLength(0);
  });
});

test('a host that cannot is followed by one that can, and the caller notices nothing', async () => {
  upstream.says({ text: 'I would rather not.' });
  able.says({ text: fenced });
  const reply = await fetch(`${server.url}/api/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'shared',
      messages,
      provider: { order: ['stubborn', 'able'] },
      response_format: zodResponseFormat(city, 'city'),
    }),
  });
  const body: unknown = await reply.json();
  expect(body).toMatchObject({ provider: 'able', choices: [{ message: { content: right }, finish_reason: 'stop' }] });
  expect(upstream.bodies.length).toBeGreaterThanOrEqual(3);
});

test('an answer costs what it would have cost at the first try', async () => {
  const ask = async (): Promise<unknown> => {
    const response_format = zodResponseFormat(city, 'city');
    return (await openai().chat.completions.create({ model: 'qwen3.5-flash', messages, response_format })).usage;
  };
  upstream.says({ text: right, usage: [20, 11] });
  const atOnce = await ask();
  upstream.says({ text: wrong, usage: [20, 90] }, { text: wrong, usage: [120, 80] }, { text: right, usage: [220, 11] });
  const atLast = await ask();
  expect(upstream.bodies).toHaveLength(3);
  expect(atLast).toEqual(atOnce);
  expect(atOnce).toMatchObject({ prompt_tokens: 20, completion_tokens: 11, cost: 0.000_006_4 });
});

test('a host that holds schemas without thinking keeps the thought, and the schema', async () => {
  upstream.says({ thought: 'Hm.', text: wrong }, { text: right });
  const reply = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'thoughtless',
      messages,
      enable_thinking: true,
      response_format: zodResponseFormat(city, 'city'),
    }),
  });
  const body: unknown = await reply.json();
  expect(body).toMatchObject({ choices: [{ message: { reasoning_content: 'Hm.', content: right } }] });
  expect(upstream.bodies).toMatchObject([
    { enable_thinking: true },
    { enable_thinking: false, response_format: { type: 'json_schema' } },
  ]);
  expect(upstream.bodies[0]).not.toHaveProperty('response_format');
});

test('a host that holds schemas is left alone, and its text streams', async () => {
  upstream.says({ text: right });
  const stream = await openai().chat.completions.create({
    model: 'held',
    messages,
    stream: true,
    response_format: zodResponseFormat(city, 'city'),
  });
  let pieces = 0;
  for await (const { choices } of stream) if ((choices[0]?.delta.content ?? '') !== '') pieces++;
  expect(pieces).toBeGreaterThan(2);
  expect(upstream.bodies).toMatchObject([{ response_format: { type: 'json_schema' }, messages: [{ role: 'user' }] }]);
});

test('a client that leaves while the text is held closes the connection to the host', async () => {
  upstream.says({ text: '{"city"', hangs: true });
  const controller = new AbortController();
  const asked = openai().chat.completions.create(
    { model: 'formless', messages, stream: true, response_format: zodResponseFormat(city, 'city') },
    { signal: controller.signal },
  );
  const failed = expect(asked.then(async (stream) => Array.fromAsync(stream))).rejects.toThrow();
  await until(() => upstream.open() === 1);
  controller.abort();
  await failed;
  await until(() => upstream.open() === 0);
});

async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; round < 500 && !condition(); round++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(condition()).toBe(true);
}
