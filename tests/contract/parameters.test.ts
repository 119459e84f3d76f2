import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Json, JsonObject } from '../../src/model/json.ts';
import { longChat, postChat } from '../support/chat-body.ts';
import { startRecordingUpstream, type RecordingUpstream } from '../support/recording-upstream.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const logprob = z.object({ token: z.string(), logprob: z.number(), bytes: z.array(z.number()).nullable() });
const answer = z.looseObject({
  choices: z.array(
    z.looseObject({
      message: z.looseObject({
        content: z.string().nullable(),
        reasoning_content: z.string().optional(),
        tool_calls: z.array(z.looseObject({ function: z.object({ name: z.string(), arguments: z.string() }) })).optional(),
      }),
      finish_reason: z.string(),
      logprobs: z.looseObject({ content: z.array(logprob.extend({ top_logprobs: z.array(logprob) })).nullable() }).nullish(),
    }),
  ),
  usage: z.looseObject({
    completion_tokens: z.number(),
    completion_tokens_details: z.looseObject({ reasoning_tokens: z.number() }),
  }),
});
type Answer = z.infer<typeof answer>;

async function ask(server: TestServer, body: JsonObject): Promise<{ readonly answer: Answer; readonly notices: string }> {
  const reply = await postChat(server, body);
  const text = await reply.text();
  expect([reply.status, text]).toEqual([200, expect.any(String)]);
  return { answer: answer.parse(JSON.parse(text)), notices: reply.headers.get('x-flashmux-notices') ?? '' };
}

describe('on the embedded engine', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.stop());

  /** Forty ordinary tokens, as free as the model is. */
  const free: JsonObject = { ...longChat, max_tokens: 40, temperature: 1, top_p: 1, top_k: 0, seed: 1 };

  async function content(fields: JsonObject): Promise<string> {
    const { choices } = (await ask(server, { ...free, ...fields })).answer;
    return choices[0]?.message.content ?? '';
  }

  test('seed: the same seed says the same, another one something else', async () => {
    const first = await content({ seed: 1 });
    expect(await content({ seed: 1 })).toBe(first);
    expect(await content({ seed: 2 })).not.toBe(first);
  });

  test.each([
    ['temperature', 0],
    ['top_p', 0.000_001],
    ['top_k', 1],
    ['min_p', 1],
  ] as const)('%s %d leaves only the likeliest token, whatever the seed', async (name, value) => {
    const likeliest = await content({ temperature: 0, seed: 1 });
    expect(await content({ [name]: value, seed: 2 })).toBe(likeliest);
    expect(await content({ seed: 2 })).not.toBe(likeliest);
  });

  test.each([
    ['frequency_penalty', 2],
    ['presence_penalty', 2],
    ['repetition_penalty', 2],
  ] as const)('%s changes what greedy writing repeats', async (name, value) => {
    const greedy = { temperature: 0, max_tokens: 120 };
    expect(await content({ ...greedy, [name]: value })).not.toBe(await content(greedy));
  });

  test('logit_bias forces a token and forbids another', async () => {
    expect(new Set(await content({ logit_bias: { 70: 100 } })).size).toBe(1);
    const forced = await content({ logit_bias: { 70: 100 } });
    expect(await content({ logit_bias: { 70: -100 }, max_tokens: 200 })).not.toContain(forced);
  });

  test('stop ends before the text, which never appears', async () => {
    const whole = await content({});
    const stop = whole.slice(10, 14);
    const { choices } = (await ask(server, { ...free, stop: ['never said by anyone', stop] })).answer;
    expect(choices[0]?.message.content).toBe(whole.slice(0, whole.indexOf(stop)));
    expect(choices[0]?.finish_reason).toBe('stop');
  });

  test('max_tokens limits the answer, max_completion_tokens the answer and its thinking', async () => {
    const thinking = { enable_thinking: true, thinking_budget: 6 };
    const one = (await ask(server, { ...free, ...thinking, max_tokens: 9 })).answer;
    expect(one.usage).toMatchObject({ completion_tokens: 15, completion_tokens_details: { reasoning_tokens: 6 } });
    const { max_tokens: _, ...rest } = free;
    const both = (await ask(server, { ...rest, ...thinking, max_completion_tokens: 9 })).answer;
    expect(both.usage.completion_tokens).toBe(9);
    expect(both.choices[0]?.finish_reason).toBe('length');
  });

  test('enable_thinking and reasoning_effort switch thinking', async () => {
    for (const off of [{ enable_thinking: false }, { enable_thinking: null, reasoning_effort: 'none' }]) {
      expect((await ask(server, { ...free, ...off })).answer.usage.completion_tokens_details.reasoning_tokens).toBe(0);
    }
    for (const on of [{ enable_thinking: true }, { enable_thinking: null, reasoning_effort: 'low' }]) {
      const { usage } = (await ask(server, { ...free, ...on, max_completion_tokens: 30 })).answer;
      expect(usage.completion_tokens_details.reasoning_tokens).toBeGreaterThan(0);
    }
  });

  test('thinking_budget ends the thought at its token', async () => {
    const { usage } = (await ask(server, { ...free, enable_thinking: true, thinking_budget: 7 })).answer;
    expect(usage.completion_tokens_details.reasoning_tokens).toBe(7);
  });

  test('n gives so many different answers', async () => {
    const { choices } = (await ask(server, { ...free, n: 3 })).answer;
    expect(new Set(choices.map(({ message }) => message.content)).size).toBe(3);
  });

  test('logprobs and top_logprobs tell each token and its rivals', async () => {
    const { choices } = (await ask(server, { ...free, max_tokens: 5, logprobs: true, top_logprobs: 4 })).answer;
    const tokens = choices[0]?.logprobs?.content ?? [];
    expect(tokens).toHaveLength(5);
    expect(tokens.every((token) => token.top_logprobs.length === 4 && token.logprob <= 0)).toBe(true);
    expect(tokens.map(({ token }) => token).join('')).toBe(choices[0]?.message.content);
  });

  test('response_format text is free, json_object and json_schema hold', async () => {
    const room = { max_tokens: 300 };
    expect(await content({ ...room, response_format: { type: 'text' } })).toBe(await content(room));
    const json: unknown = JSON.parse(await content({ max_tokens: 3_000, response_format: { type: 'json_object' }, seed: 3 }));
    expect(json).toBeTypeOf('object');
    const schema = { type: 'object', properties: { a: { enum: ['x', 'y'] } }, required: ['a'], additionalProperties: false };
    const held = { type: 'json_schema', json_schema: { name: 'n', description: 'd', strict: true, schema } };
    expect(['{"a":"x"}', '{"a":"y"}']).toContain((await content({ ...room, response_format: held })).replaceAll(/\s/g, ''));
  });

  const parameters = { type: 'object', properties: { a: { enum: ['x'] } }, required: ['a'], additionalProperties: false };
  const tools = ['f', 'g'].map((name) => ({ type: 'function', function: { name, description: 'd', parameters } }));

  test('tools and tool_choice: none, required and one by name', async () => {
    const calls = async (choice: Json): Promise<readonly string[]> => {
      const { choices } = (
        await ask(server, { ...free, max_tokens: 400, tools, tool_choice: choice, parallel_tool_calls: false })
      ).answer;
      return (choices[0]?.message.tool_calls ?? []).map((call) => `${call.function.name}(${call.function.arguments})`);
    };
    expect(await calls('none')).toEqual([]);
    expect(['f({"a":"x"})', 'g({"a":"x"})']).toContain((await calls('required')).join());
    expect(await calls({ type: 'function', function: { name: 'g' } })).toEqual(['g({"a":"x"})']);
  });

  test('parallel_tool_calls true allows several, false ends after one', async () => {
    const count = async (parallel: boolean, seed: number): Promise<number> => {
      const body = { ...free, seed, max_tokens: 600, tools, tool_choice: 'required', parallel_tool_calls: parallel };
      return (await ask(server, body)).answer.choices[0]?.message.tool_calls?.length ?? 0;
    };
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8];
    expect(await Promise.all(seeds.map((seed) => count(false, seed)))).toEqual(seeds.map(() => 1));
    expect(Math.max(...(await Promise.all(seeds.map((seed) => count(true, seed)))))).toBeGreaterThan(1);
  });

  test('stream and stream_options.include_usage: chunks, and the usage where it was asked for', async () => {
    const frames = async (fields: JsonObject): Promise<readonly string[]> => {
      const reply = await postChat(server, { ...free, max_tokens: 4, stream: true, ...fields });
      expect(reply.headers.get('content-type')).toMatch(/^text\/event-stream/);
      return (await reply.text()).split('\n\n').filter((frame) => frame.startsWith('data: {'));
    };
    const last = (await frames({ stream_options: { include_usage: true } })).at(-1) ?? '';
    expect(JSON.parse(last.slice('data: '.length))).toMatchObject({ choices: [], usage: { completion_tokens: 4 } });
    expect((await frames({ stream_options: { include_usage: false } })).join('')).not.toContain('completion_tokens');
  });

  test('messages: all that is said reaches the model', async () => {
    const tokens = async (messages: Json): Promise<number> => {
      const { usage } = (await ask(server, { ...free, max_tokens: 1, messages })).answer;
      return z.number().parse(usage['prompt_tokens']);
    };
    const hello = { role: 'user', content: 'Hello' };
    const alone = await tokens([hello]);
    const system = { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] };
    const refused = { role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] };
    expect(await tokens([system, hello])).toBeGreaterThan(alone);
    expect(await tokens([hello, refused, hello])).toBeGreaterThan(2 * alone - 10);
    expect(await tokens([hello, { role: 'assistant', content: 'A', refusal: null }, hello])).toBeGreaterThan(alone);
  });

  test('model: who answers in the place of whom is told', async () => {
    const reply = await postChat(server, { ...free, model: 'qwen3-5-flash' });
    const local = server.server.localModel.routed()?.modelId;
    expect(reply.headers.get('x-flashmux-model')).toBe(local);
    expect(reply.headers.get('x-flashmux-stand-in-for')).toBe('qwen3-5-flash');
    expect(await reply.json()).toMatchObject({ model: local });
  });

  /** What a text engine has no use for is accepted, and said to have none. */
  test.each([
    ['tool_web_search', { tool_web_search: true }],
    ['tool_web_extractor', { tool_web_extractor: true }],
    ['tool_code_interpreter', { tool_code_interpreter: true }],
    ['tool_web_search_image', { tool_web_search_image: true }],
    ['tool_image_search', { tool_image_search: true }],
    ['vl_high_resolution_images', { vl_high_resolution_images: true }],
    ['max_pixels', { max_pixels: 2_621_440 }],
    ['video_fps', { video_fps: 2 }],
    ['treat_images_as_video', { treat_images_as_video: true }],
    ['disable_formatting', { disable_formatting: true }],
    ['prediction', { prediction: { type: 'content', content: [{ type: 'text', text: 'Hello' }] } }],
    ['audio', { model: 'alibaba/qwen3.5-omni-flash', audio: { format: 'mp3', voice: 'alloy' } }],
    ['preserve_thinking', { preserve_thinking: true }],
    ['messages[0].name', { messages: [{ role: 'user', name: 'ann', content: 'Hello' }] }],
    ['thinking_budget', { thinking_budget: 5 }],
    ['reasoning_effort', { reasoning_effort: 'high' }],
    ['some_field_of_tomorrow', { some_field_of_tomorrow: 1 }],
  ])('%s is announced as ignored', async (name, fields) => {
    const { notices } = await ask(server, { ...free, max_tokens: 1, ...fields });
    expect(notices).toContain(`ignored:${name}`);
  });

  test('modalities ["text"] is what every answer is', async () => {
    expect(await content({ modalities: ['text'] })).toBe(await content({}));
  });
});

describe('on a configured host', () => {
  let upstream: RecordingUpstream;
  let server: TestServer;
  beforeAll(async () => {
    upstream = await startRecordingUpstream();
    const models = ['qwen3.5-flash', 'qwen3.5-flash:variant1', 'qwen3.5-omni-flash'];
    const host = { name: 'host', base_url: upstream.baseUrl, quirks: 'flashmux', models };
    server = await startTestServer({ settings: { providers: [host], engine: { enabled: false } }, store: 'memory' });
  });
  afterAll(async () => {
    await server.stop();
    await upstream.close();
  });

  const base = 'qwen3-5-flash';
  const variant = 'qwen3-5-flash:variant1';
  const omni = 'alibaba/qwen3.5-omni-flash';
  const tool = { type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true } };
  const schema = { name: 'n', description: 'd', schema: { type: 'object' }, strict: true };

  type Carried = readonly [model: string, name: string, value: Json, beside?: JsonObject];
  const carried: readonly Carried[] = [
    [base, 'temperature', 1.5],
    [base, 'top_p', 0.5],
    [base, 'max_tokens', 123],
    [base, 'enable_thinking', true],
    [base, 'enable_thinking', false],
    [base, 'vl_high_resolution_images', false],
    [base, 'max_pixels', 5_000],
    [base, 'tool_web_search', true],
    [base, 'tool_web_extractor', true, { tool_web_search: true, enable_thinking: true }],
    [base, 'tool_code_interpreter', true, { enable_thinking: true }],
    [base, 'tool_web_search_image', true],
    [base, 'tool_image_search', true],
    [base, 'video_fps', 5],
    [base, 'treat_images_as_video', true],
    [base, 'disable_formatting', true],
    [variant, 'stop', ['a', 'b', 'c', 'd']],
    [variant, 'thinking_budget', 1_000],
    [variant, 'response_format', { type: 'json_object' }],
    [variant, 'response_format', { type: 'json_schema', json_schema: schema }],
    [variant, 'tool_web_search', true],
    [omni, 'tools', [tool]],
    [omni, 'tool_choice', 'auto', { tools: [tool] }],
    [omni, 'tool_choice', { type: 'function', function: { name: 'f' } }, { tools: [tool] }],
    [omni, 'parallel_tool_calls', false, { tools: [tool] }],
    [omni, 'modalities', ['text', 'audio'], { audio: { format: 'wav', voice: 'alloy' } }],
    [omni, 'audio', { format: 'wav', voice: 'a voice of its own' }, { modalities: ['text', 'audio'] }],
    [omni, 'stop', ['end']],
    [omni, 'logit_bias', { 5: -100 }],
    [omni, 'logprobs', true],
    [omni, 'top_logprobs', 20, { logprobs: true }],
    [omni, 'frequency_penalty', -2],
    [omni, 'presence_penalty', 2],
    [omni, 'prediction', { type: 'content', content: 'Hello' }],
    [omni, 'seed', 7],
    [base, 'n', 4],
    [base, 'max_completion_tokens', 77],
    [base, 'top_k', 20],
    [base, 'min_p', 0.1],
    [base, 'repetition_penalty', 1.1],
    [base, 'some_field_of_tomorrow', { a: [1] }],
  ];

  const rows = carried.map(([model, name, value, beside = {}]) => ({ model, name, value, beside }));
  test.each(rows)('$model: $name $value arrives as it was said', async ({ model, name, value, beside }) => {
    const body = { model, messages: [{ role: 'user', content: 'Hello' }], ...beside, [name]: value };
    const { answer: given } = await ask(server, body);
    expect(given.choices[0]?.message.content).toBe('Yes');
    expect(upstream.lastBody()[name]).toEqual(value);
  });

  test('reasoning_effort arrives with the budget that it stands for, and none switches thinking off', async () => {
    const messages = [{ role: 'user', content: 'Hello' }];
    await ask(server, { model: variant, messages, reasoning_effort: 'low' });
    expect(upstream.lastBody()).toMatchObject({
      enable_thinking: true,
      reasoning_effort: 'low',
      thinking_budget: expect.any(Number),
    });
    await ask(server, { model: variant, messages, reasoning_effort: 'none' });
    expect(upstream.lastBody()).toMatchObject({ enable_thinking: false });
  });

  test("the defaults of the model's page are filled in where nothing was said", async () => {
    await ask(server, { model: base, messages: [{ role: 'user', content: 'Hello' }] });
    expect(upstream.lastBody()).toMatchObject({ temperature: 0.7, top_p: 0.9, max_tokens: 4096, enable_thinking: true });
  });

  test('messages of every role and part arrive as they were said', async () => {
    const messages = [
      {
        role: 'system',
        name: 'house',
        content: [
          { type: 'text', text: 'Be brief.' },
          { type: 'text', text: 'Be kind.' },
        ],
      },
      {
        role: 'user',
        name: 'ann',
        content: [
          { type: 'text', text: 'What is it?' },
          { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'high' } },
          { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
          { type: 'video_url', video_url: { url: 'https://example.com/a.mp4' } },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'Rain.' },
      { role: 'assistant', content: 'It rains.', audio: { id: 'audio_1' } },
      { role: 'assistant', content: 'A', refusal: 'No.' },
      { role: 'user', content: 'Thanks' },
    ];
    await ask(server, { model: omni, messages, tools: [tool] });
    expect(upstream.lastBody()['messages']).toEqual(messages);
  });
});
