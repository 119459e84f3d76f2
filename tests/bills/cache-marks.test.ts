import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { localModelId } from '../../src/main/local-model.ts';
import { postChat, shortChat } from '../support/chat-body.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { tinyModelPath } from '../support/tiny-gguf/tiny-model-path.ts';

/** Dollars for a million tokens; a dollar for a million is 1,000 nano-dollars for one. */
const pricesOf = (model: string): string => `prices:
  - model: ${model}
    from: 2026-01-01T00:00:00Z
    tiers:
      - per_million_tokens:
          { input-text: "1", cache-read-explicit: "10%", cache-read-implicit: "20%", cache-write: "125%", output-text: "2" }
`;

let folder = '';
let modelId = '';
let server: TestServer;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashmux-cache-bill-'));
  const file = path.join(folder, 'prices.yaml');
  const model = await tinyModelPath({ architecture: 'qwen35moe' });
  modelId = localModelId(model);
  await writeFile(file, pricesOf(modelId));
  // One sequence: whoever comes between takes it.
  const engine = { model, pull: false, context_tokens: 4096, threads: 1, parallel: 1 };
  server = await startTestServer({ settings: { prices: { file }, engine }, store: 'memory' });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const answerSchema = z.object({
  id: z.string(),
  usage: z.object({
    prompt_tokens: z.number(),
    completion_tokens: z.number(),
    prompt_tokens_details: z.object({
      cached_tokens: z.number().default(0),
      cache_creation_input_tokens: z.number().default(0),
      cache_type: z.string().optional(),
    }),
  }),
});
const generationSchema = z.object({
  data: z.object({
    cost_nano_usd: z.string(),
    cost_lines: z.array(z.object({ meter: z.string(), quantity: z.number() })),
  }),
});

const rules = `Answer kindly. ${'Keep every rule of the house in mind, and say so when you break one. '.repeat(20)}`;
const marked = { type: 'text', text: rules, cache_control: { type: 'ephemeral' } };

/** Tokens as the answer tells them, and the bill as it is looked up afterwards. */
async function ask(
  system: unknown,
  question: string,
): Promise<{ tokens: Record<string, number>; nanoUsd: bigint; meters: unknown }> {
  const messages = [
    { role: 'system', content: system },
    { role: 'user', content: question },
  ];
  const reply = await postChat(server, { ...shortChat, model: modelId, messages });
  expect(reply.status).toBe(200);
  const { id, usage } = answerSchema.parse(await reply.json());
  const details = usage.prompt_tokens_details;
  const tokens = {
    input: usage.prompt_tokens,
    output: usage.completion_tokens,
    read: details.cached_tokens,
    written: details.cache_creation_input_tokens,
  };
  const looked = await fetch(`${server.url}/v1/generation?id=${id}`, { headers: { authorization: `Bearer ${server.key}` } });
  const { data } = generationSchema.parse(await looked.json());
  const meters = Object.fromEntries(data.cost_lines.map(({ meter, quantity }) => [meter, quantity]));
  return { tokens, nanoUsd: BigInt(data.cost_nano_usd), meters };
}

test('a marked beginning is billed as written, then as read, to the nano-dollar', async () => {
  const first = await ask([marked], 'How are you today?');
  const { input, output, written = 0 } = first.tokens;
  expect(first.tokens).toMatchObject({ read: 0 });
  expect(written).toBeGreaterThan(300);
  expect(first.meters).toEqual({ 'input-text': (input ?? 0) - written, 'cache-write': written, 'output-text': output });
  expect(first.nanoUsd).toBe(BigInt(1_000 * ((input ?? 0) - written) + 1_250 * written + 2_000 * (output ?? 0)));

  await ask('You are somebody else, and you know nothing of a house.', 'Who are you? '.repeat(20));
  const second = await ask([marked], 'And what is new in the house?');
  expect(second.tokens).toMatchObject({ read: written, written: 0 });
  const fresh = (second.tokens['input'] ?? 0) - written;
  const answered = second.tokens['output'] ?? 0;
  expect(second.meters).toEqual({ 'input-text': fresh, 'cache-read-explicit': written, 'output-text': answered });
  expect(second.nanoUsd).toBe(BigInt(1_000 * fresh + 100 * written + 2_000 * answered));
});

test('what the engine holds by itself is billed as an implicit read', async () => {
  const once = await ask(`${rules} And be brief.`, 'How are you today, in a word?');
  const again = await ask(`${rules} And be brief.`, 'How are you today, in a word?');
  const read = again.tokens['read'] ?? 0;
  expect(read).toBeGreaterThan(300);
  expect(again.meters).toMatchObject({ 'cache-read-implicit': read });
  expect(again.meters).not.toHaveProperty('cache-write');
  expect(again.nanoUsd).toBe(once.nanoUsd - BigInt(800 * (read - (once.tokens['read'] ?? 0))));
});
