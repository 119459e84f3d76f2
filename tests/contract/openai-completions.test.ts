import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startRecordingUpstream, type RecordingUpstream } from '../support/recording-upstream.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

let upstream: RecordingUpstream;
let server: TestServer;
beforeAll(async () => {
  upstream = await startRecordingUpstream();
  const host = { name: 'host', base_url: upstream.baseUrl, quirks: 'flashmux', models: ['qwen3.6-flash'] };
  server = await startTestServer({ settings: { providers: [host] } });
});
afterAll(async () => {
  await server.stop();
  await upstream.close();
});

/** The older line is loaded by name, so that the types of the newer serve for both. */
async function clientClass(specifier: string): Promise<typeof OpenAI> {
  const module: { readonly default: typeof OpenAI } = await import(specifier);
  return module.default;
}

const story = 'Once upon a time';
const asked = { model: 'qwen3.5-flash', prompt: story, max_tokens: 12, seed: 7, temperature: 1 };

describe.each(['openai', 'openai-6'])('%s', (specifier) => {
  let client: OpenAI;
  beforeAll(async () => {
    const Client = await clientClass(specifier);
    client = new Client({ baseURL: `${server.url}/v1`, apiKey: server.key, maxRetries: 0 });
  });

  test('a text is continued as it stands: its tokens are all of the prompt', async () => {
    const tokens = await server.server.engine.countTokens(story);
    const { choices, usage, object } = await client.completions.create(asked);
    expect(object).toBe('text_completion');
    expect(choices[0]).toMatchObject({ index: 0, finish_reason: 'length', logprobs: null, text: expect.stringMatching(/./) });
    expect(usage).toMatchObject({ prompt_tokens: tokens, completion_tokens: 12, total_tokens: tokens + 12 });
  });

  test('a stream says the same as a whole answer, and its usage where asked', async () => {
    const whole = await client.completions.create(asked);
    const stream = await client.completions.create({ ...asked, stream: true, stream_options: { include_usage: true } });
    const chunks = await Array.fromAsync(stream);
    expect(chunks.map(({ choices }) => choices[0]?.text ?? '').join('')).toBe(whole.choices[0]?.text);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('length');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 12 } });
  });

  test('without max_tokens sixteen tokens are written', async () => {
    const { max_tokens: _, ...rest } = asked;
    expect((await client.completions.create(rest)).usage?.completion_tokens).toBe(16);
  });

  test('echo puts the prompt before the answer, whole and streamed', async () => {
    const plain = await client.completions.create(asked);
    const whole = await client.completions.create({ ...asked, echo: true });
    expect(whole.choices[0]?.text).toBe(story + (plain.choices[0]?.text ?? ''));
    const chunks = await Array.fromAsync(await client.completions.create({ ...asked, echo: true, stream: true }));
    expect(chunks.map(({ choices }) => choices[0]?.text ?? '').join('')).toBe(whole.choices[0]?.text);
  });

  test('logprobs tell each token, where it stands and its rivals', async () => {
    const { choices } = await client.completions.create({ ...asked, max_tokens: 4, logprobs: 2 });
    const figures = choices[0]?.logprobs;
    expect(figures?.tokens?.join('')).toBe(choices[0]?.text);
    expect(figures?.token_logprobs?.every((logprob) => logprob <= 0)).toBe(true);
    expect(figures?.top_logprobs?.map((top) => Object.keys(top).length)).toEqual([2, 2, 2, 2]);
    expect(figures?.text_offset?.[0]).toBe(0);
    expect(figures?.text_offset).toHaveLength(4);
  });

  test('stop ends the text before it', async () => {
    const { choices } = await client.completions.create(asked);
    const text = choices[0]?.text ?? '';
    const stop = text.trim().slice(3, 5);
    const cut = await client.completions.create({ ...asked, stop });
    expect(cut.choices[0]).toMatchObject({ text: text.slice(0, text.indexOf(stop)), finish_reason: 'stop' });
  });

  test('several prompts and several answers to each, in order, billed together', async () => {
    const prompts = ['One', 'Two and more'];
    const counts = await Promise.all(prompts.map((prompt) => server.server.engine.countTokens(prompt)));
    const { choices, usage } = await client.completions.create({ ...asked, prompt: prompts, n: 2, echo: true });
    expect(choices.map(({ index, text }) => [index, prompts.findIndex((prompt) => text.startsWith(prompt))])).toEqual([
      [0, 0],
      [1, 0],
      [2, 1],
      [3, 1],
    ]);
    expect(usage).toMatchObject({ prompt_tokens: (counts[0] ?? 0) + (counts[1] ?? 0), completion_tokens: 48 });
    const alone = await client.completions.create({ ...asked, prompt: 'Two and more', echo: true });
    expect(choices[2]?.text).toBe(alone.choices[0]?.text);
    const chunks = await Array.fromAsync(await client.completions.create({ ...asked, prompt: prompts, stream: true }));
    expect(new Set(chunks.flatMap((chunk) => chunk.choices.map(({ index }) => index)))).toEqual(new Set([0, 1]));
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  });

  test('a prompt of token ids is the same prompt', async () => {
    const { choices } = await client.completions.create({ ...asked, prompt: [70, 71, 72] });
    const again = await client.completions.create({ ...asked, prompt: [[70, 71, 72]] });
    expect(again.choices[0]?.text).toBe(choices[0]?.text);
    expect(again.usage?.prompt_tokens).toBe(3);
    const outside = client.completions.create({ ...asked, prompt: [1, 999_999_999] });
    await expect(outside).rejects.toMatchObject({ status: 400, param: 'prompt[1]' });
  });

  test('best_of gives the likeliest of so many answers, and all of them are billed', async () => {
    const all = await client.completions.create({ ...asked, n: 3, logprobs: 0 });
    const mean = ({ logprobs }: (typeof all.choices)[number]): number => {
      const figures = logprobs?.token_logprobs ?? [];
      return figures.reduce((sum, figure) => sum + figure, 0) / figures.length;
    };
    const likeliest = all.choices.toSorted((one, other) => mean(other) - mean(one))[0];
    const best = await client.completions.create({ ...asked, best_of: 3 });
    expect(best.choices).toMatchObject([{ index: 0, text: likeliest?.text, logprobs: null }]);
    expect(best.usage?.completion_tokens).toBe(all.usage?.completion_tokens);
    const streamed = client.completions.create({ ...asked, best_of: 3, stream: true });
    await expect(streamed).rejects.toMatchObject({ status: 400, param: 'best_of' });
  });

  test('a host that only chats is asked as a user, and says so', async () => {
    const { data, response } = await client.completions.create({ ...asked, model: 'qwen3.6-flash' }).withResponse();
    expect(data.choices[0]?.text).toBe('Yes');
    expect(response.headers.get('x-flashmux-notices')).toContain('moved:prompt');
    expect(upstream.lastBody()).toMatchObject({ messages: [{ role: 'user', content: story }], max_tokens: 12 });
    const tokens = client.completions.create({ ...asked, model: 'qwen3.6-flash', prompt: [1, 2] });
    await expect(tokens).rejects.toMatchObject({ status: 400, param: 'prompt' });
    const gap = client.completions.create({ ...asked, model: 'qwen3.6-flash', suffix: 'end' });
    await expect(gap).rejects.toMatchObject({ status: 400, param: 'suffix' });
  });

  test('errors before the answer and in the middle of a stream are the client’s errors', async () => {
    await expect(client.completions.create({ ...asked, model: 'nobody' })).rejects.toMatchObject({ status: 404, param: 'model' });
    await expect(client.completions.create({ ...asked, temperature: 3 })).rejects.toMatchObject({ param: 'temperature' });
    let text = '';
    const reading = async (): Promise<void> => {
      const stream = await client.completions.create({ ...asked, model: 'scripted/error-mid-stream', stream: true });
      for await (const chunk of stream) text += chunk.choices[0]?.text ?? '';
    };
    await expect(reading()).rejects.toThrow(/overloaded/);
    expect(text).not.toBe('');
  });

  test('an abort frees the engine', async () => {
    const leaving = new AbortController();
    const stream = await client.completions.create({ ...asked, max_tokens: 3_000, stream: true }, { signal: leaving.signal });
    let chunks = 0;
    for await (const chunk of stream) if (chunk.object === 'text_completion' && ++chunks === 2) leaving.abort();
    await server.idle();
    expect(chunks).toBeLessThan(200);
  });
});

async function post(body: unknown): Promise<{ readonly status: number; readonly body: unknown }> {
  const reply = await fetch(`${server.url}/v1/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: reply.status, body: await reply.json() };
}

test.each([
  ['model', { model: '' }],
  ['prompt', { prompt: [] }],
  ['prompt', { prompt: 5 }],
  ['prompt[0]', { prompt: [{}] }],
  ['prompt[1]', { prompt: [1, 'a'] }],
  ['prompt[0][0]', { prompt: [[-1]] }],
  ['prompt', { prompt: Array.from({ length: 65 }, () => 'a') }],
  ['suffix', { suffix: 5 }],
  ['n', { n: 0 }],
  ['n', { n: 21 }],
  ['best_of', { n: 3, best_of: 2 }],
  ['logprobs', { logprobs: 6 }],
  ['logprobs', { logprobs: 1, echo: true }],
  ['echo', { prompt: [1, 2], echo: true }],
  ['max_tokens', { max_tokens: 0 }],
  ['stream_options', { stream_options: {} }],
] as const)('%s is refused by its name in %j', async (param, fields) => {
  const { status, body } = await post({ ...asked, ...fields });
  expect([status, z.object({ error: z.looseObject({ param: z.string() }) }).parse(body).error.param]).toEqual([400, param]);
});

test('several prompts are no one thing for an idempotency key', async () => {
  const reply = await fetch(`${server.url}/v1/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json', 'idempotency-key': 'k1' },
    body: JSON.stringify({ ...asked, prompt: ['a', 'b'] }),
  });
  expect(reply.status).toBe(400);
});
