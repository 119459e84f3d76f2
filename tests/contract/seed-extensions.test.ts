import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Json, JsonObject } from '../../src/model/json.ts';
import { postChat } from '../support/chat-body.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/*
 * What the pages of EmpirioLabs (seed 002) and AI/ML API (seed 003) print of their chat completions: each parameter with its range and
 * default, the variant, and what an answer tells of its cost. Where the pages contradict each other the wider range or the model's own
 * limit was taken: max_tokens reaches 65,536, max_pixels 4,096 to 16,777,216, top_p and seed begin at 0.
 */
const base = 'qwen3-5-flash';
const variant = 'qwen3-5-flash:variant1';
const omni = 'alibaba/qwen3.5-omni-flash';

interface Host {
  readonly baseUrl: string;
  /** What the next answers have used. */
  usage: JsonObject;
  close(): Promise<void>;
}

async function startHost(): Promise<Host> {
  const server = createServer((request, reply) => {
    request.resume().on('end', () => {
      const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'host' };
      const frames = [
        { ...head, choices: [{ index: 0, delta: { role: 'assistant', content: 'Yes' }, finish_reason: null }] },
        { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
        { ...head, choices: [], usage: host.usage },
      ];
      reply.writeHead(200, { 'content-type': 'text/event-stream' });
      reply.end(frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join(''));
    });
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  const host: Host = {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    usage: {},
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
  return host;
}

let host: Host;
let server: TestServer;
beforeAll(async () => {
  host = await startHost();
  const models = ['qwen3.5-flash', 'qwen3.5-flash:variant1', 'qwen3.5-omni-flash'];
  const provider = { name: 'host', base_url: host.baseUrl, quirks: 'flashmux', models };
  server = await startTestServer({ settings: { providers: [provider], engine: { enabled: false } }, store: 'memory' });
});
afterAll(async () => {
  await server.stop();
  await host.close();
});

const messages = [{ role: 'user', content: 'Hello' }];

describe('each parameter of the pages has its default and its range in the machine-readable schema', () => {
  const schemaOf = async (id: string): Promise<Record<string, Record<string, unknown>>> => {
    const reply = await fetch(`${server.url}/v1/models/${id}`, { headers: { authorization: `Bearer ${server.key}` } });
    const { parameters } = z.looseObject({ parameters: z.looseObject({ properties: z.unknown() }) }).parse(await reply.json());
    return z.record(z.string(), z.record(z.string(), z.unknown())).parse(parameters.properties);
  };

  test.each<readonly [id: string, name: string, stated: Record<string, unknown>]>([
    [base, 'temperature', { default: 0.7, minimum: 0, maximum: 2 }],
    [base, 'top_p', { default: 0.9, minimum: 0, maximum: 1 }],
    [base, 'max_tokens', { default: 4096, minimum: 1, maximum: 65_536 }],
    [base, 'enable_thinking', { default: true }],
    [base, 'vl_high_resolution_images', { default: true }],
    [base, 'max_pixels', { default: 2_621_440, minimum: 4_096, maximum: 16_777_216 }],
    [base, 'tool_web_search', { default: false }],
    [base, 'tool_web_extractor', { default: true }],
    [base, 'tool_code_interpreter', { default: true }],
    [base, 'tool_web_search_image', { default: true }],
    [base, 'tool_image_search', { default: true }],
    [base, 'video_fps', { default: 2, minimum: 0.1, maximum: 10 }],
    [base, 'treat_images_as_video', { default: false }],
    [base, 'disable_formatting', { default: false }],
    [variant, 'temperature', { default: 0.7, minimum: 0, maximum: 2 }],
    [variant, 'top_p', { default: 0.9, minimum: 0, maximum: 1 }],
    [variant, 'max_tokens', { default: 4096, minimum: 1, maximum: 65_536 }],
    [variant, 'stop', { maxItems: 4 }],
    [variant, 'enable_thinking', { default: true }],
    [variant, 'thinking_budget', { default: 32_768, minimum: 1, maximum: 80_000 }],
    [variant, 'reasoning_effort', { default: 'medium', enum: ['none', 'low', 'medium', 'high', 'max'] }],
    [variant, 'response_format', {}],
    [variant, 'vl_high_resolution_images', { default: true }],
    [variant, 'max_pixels', { default: 2_621_440, minimum: 4_096, maximum: 16_777_216 }],
    [variant, 'video_fps', { default: 2, minimum: 0.1, maximum: 10 }],
    [variant, 'tool_web_search', { default: false }],
    [omni, 'temperature', { minimum: 0, maximum: 2 }],
    [omni, 'top_p', { minimum: 0, maximum: 1 }],
    [omni, 'max_tokens', { minimum: 1 }],
    [omni, 'stop', { maxItems: 4 }],
    [omni, 'enable_thinking', { default: false }],
    [omni, 'thinking_budget', { minimum: 1 }],
    [omni, 'frequency_penalty', { minimum: -2, maximum: 2 }],
    [omni, 'presence_penalty', { minimum: -2, maximum: 2 }],
    [omni, 'seed', { minimum: 0 }],
    [omni, 'logprobs', {}],
    [omni, 'top_logprobs', { minimum: 0, maximum: 20 }],
    [omni, 'logit_bias', {}],
    [omni, 'tools', { maxItems: 128 }],
    [omni, 'tool_choice', {}],
    [omni, 'parallel_tool_calls', {}],
    [omni, 'modalities', {}],
    [omni, 'audio', {}],
    [omni, 'prediction', {}],
    [omni, 'response_format', {}],
  ])('%s: %s', async (id, name, stated) => {
    const properties = await schemaOf(id);
    expect(properties[name]).toMatchObject(stated);
  });
});

/** The ends of each range and the first values beyond them, with what has to stand beside them. */
const tool = (name: string): JsonObject => ({ type: 'function', function: { name, parameters: { type: 'object' } } });
const named = (name: string): JsonObject => ({ type: 'json_schema', json_schema: { name, schema: { type: 'object' } } });
type Bounds = readonly [id: string, name: string, taken: readonly Json[], refused: readonly Json[], beside?: JsonObject];
const bounds: readonly Bounds[] = [
  [base, 'temperature', [0, 2], [-0.01, 2.01]],
  [base, 'top_p', [0, 1], [-0.01, 1.01]],
  [base, 'max_tokens', [1, 65_536], [0, 65_537]],
  [base, 'max_pixels', [4_096, 16_777_216], [4_095, 16_777_217]],
  [base, 'video_fps', [0.1, 10], [0.09, 10.1]],
  [variant, 'thinking_budget', [1, 80_000], [0, 80_001]],
  [variant, 'max_tokens', [1, 65_536], [0, 65_537]],
  [variant, 'reasoning_effort', ['none', 'low', 'medium', 'high', 'max'], ['xhigh', 'minimal', 'loud']],
  [variant, 'stop', ['a', ['a', 'b', 'c', 'd']], [['a', 'b', 'c', 'd', 'e'], [1]]],
  [omni, 'frequency_penalty', [-2, 2, null], [-2.1, 2.1]],
  [omni, 'presence_penalty', [-2, 2, null], [-2.1, 2.1]],
  [omni, 'seed', [1], [-1, 1.5]],
  [omni, 'top_logprobs', [0, 20], [-1, 21], { logprobs: true }],
  [omni, 'logit_bias', [{ 5: -100, 6: 100 }], [{ 5: -101 }, { 5: 101 }, { word: 1 }]],
  [
    omni,
    'tools',
    [Array.from({ length: 128 }, (_, index) => tool(`f${index}`)), [tool('a'.repeat(64))]],
    [[tool('a'.repeat(65))]],
  ],
  [omni, 'tools', [], [Array.from({ length: 129 }, (_, index) => tool(`f${index}`))]],
  [
    omni,
    'tool_choice',
    ['none', 'auto', 'required', { type: 'function', function: { name: 'f' } }],
    ['perhaps'],
    { tools: [tool('f')] },
  ],
  [
    omni,
    'response_format',
    [{ type: 'text' }, { type: 'json_object' }, named('a-b_C9')],
    [named('a b'), named('a'.repeat(65)), { type: 'x' }],
  ],
  [omni, 'modalities', [['text'], ['text', 'audio']], [[], ['smell']], { audio: { format: 'wav', voice: 'alloy' } }],
  [
    omni,
    'audio',
    ['wav', 'mp3', 'flac', 'opus', 'pcm16'].map((format) => ({ format, voice: 'alloy' })),
    [{ format: 'wav' }, { voice: 'a' }],
  ],
  [
    omni,
    'prediction',
    [
      { type: 'content', content: 'a' },
      { type: 'content', content: [{ type: 'text', text: 'a' }] },
    ],
    [{ type: 'x', content: 'a' }],
  ],
];

describe.each(bounds.map(([id, name, taken, refused, beside = {}]) => ({ id, name, taken, refused, beside })))(
  '$id: $name',
  ({ id, name, taken, refused, beside }) => {
    const ask = async (value: Json): Promise<Response> =>
      await postChat(server, { model: id, messages, ...beside, [name]: value });

    test('is taken to the ends of its range', async () => {
      host.usage = { prompt_tokens: 1, completion_tokens: 1 };
      for (const value of taken) {
        const reply = await ask(value);
        expect([reply.status, await reply.text()], JSON.stringify(value)).toEqual([200, expect.any(String)]);
      }
    });

    test('is refused beyond them, by its name', async () => {
      for (const value of refused) {
        const reply = await ask(value);
        const { error } = z.looseObject({ error: z.looseObject({ param: z.string() }) }).parse(await reply.json());
        expect([reply.status, error.param], JSON.stringify(value)).toEqual([400, expect.stringContaining(name)]);
      }
    });
  },
);

describe('what an answer tells of its cost', () => {
  const billed = z.looseObject({
    model: z.string(),
    choices: z.array(z.unknown()),
    usage: z.looseObject({ cost_usd: z.number() }),
    meta: z.object({ usage: z.object({ credits_used: z.number(), usd_spent: z.number() }) }),
  });

  async function told(model: string, usage: JsonObject): Promise<readonly z.infer<typeof billed>[]> {
    host.usage = usage;
    const body = { model, messages, tool_web_search: model === omni ? null : true };
    const whole: unknown = await (await postChat(server, body)).json();
    const streamed = await postChat(server, { ...body, stream: true, stream_options: { include_usage: true } });
    const frames = (await streamed.text()).split('\n\n').filter((frame) => frame.startsWith('data: {'));
    const last: unknown = JSON.parse(frames.at(-1)?.slice('data: '.length) ?? '');
    return [billed.parse(whole), billed.parse(last)];
  }

  test.each([
    // 123 x $0.10 and 456 x $0.40 for a million, one search at $0.015; the interpreter is free.
    ['the base model', base, 0.015_194_7],
    // 123 x $0.029 and 456 x $0.287 for a million, one search at $0.01; there is no interpreter to be paid.
    ['its variant', variant, 0.010_134_439],
  ])('cost_usd of %s counts its tools, and tool_usage says which', async (_, model, cost) => {
    const tools = { web_search: 1, code_interpreter: 1 };
    for (const { usage, meta } of await told(model, { prompt_tokens: 123, completion_tokens: 456, tool_usage: tools })) {
      expect(usage).toMatchObject({ prompt_tokens: 123, completion_tokens: 456, cost_usd: cost, tool_usage: tools });
      expect(meta.usage.usd_spent).toBe(cost);
    }
  });

  test('tool_usage is left out where no tool was called', async () => {
    for (const { usage } of await told(base, { prompt_tokens: 1, completion_tokens: 1 }))
      expect(usage).not.toHaveProperty('tool_usage');
  });

  test.each([
    ['text', { text_tokens: 21 }, 21, 316, 1830, 0.000_915],
    ['video', { text_tokens: 21, video_tokens: 3002 }, 3023, 286, 4781, 0.002_390_5],
  ])('meta tells the credits and dollars of the %s sample of AI/ML API', async (_, details, input, output, credits, usd) => {
    const sample = {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      prompt_tokens_details: details,
      completion_tokens_details: { text_tokens: output },
    };
    for (const { usage, meta, model } of await told(omni, sample)) {
      expect(meta).toEqual({ usage: { credits_used: credits, usd_spent: usd } });
      expect(usage).toMatchObject(sample);
      // The page's samples name the model without what stands before the slash.
      expect(model).toBe('qwen3.5-omni-flash');
    }
  });

  test('a whole answer has every field of the page', async () => {
    const [whole] = await told(omni, { prompt_tokens: 21, completion_tokens: 316 });
    expect(whole).toMatchObject({
      id: expect.any(String),
      object: 'chat.completion',
      created: expect.any(Number),
      system_fingerprint: null,
      choices: [
        { index: 0, finish_reason: 'stop', logprobs: null, message: { role: 'assistant', content: 'Yes', refusal: null } },
      ],
    });
  });
});
