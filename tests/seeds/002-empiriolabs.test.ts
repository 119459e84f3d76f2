import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { JsonObject } from '../../src/model/json.ts';
import { pastedCurl } from '../cli/pasted-curl.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { chatAnswer } from './chat-answer.ts';
import { startSampleHost, type SampleHost } from './sample-host.ts';

// Seed 002, EmpirioLabs' page of qwen3-5-flash: on the embedded engine, and where tools are billed that it does not have, on a scripted
// host that is configured as qwen3-5-flash.

let usage: JsonObject = {};
let host: SampleHost;
let local: TestServer;
let hosted: TestServer;
beforeAll(async () => {
  host = await startSampleHost(() => ({ text: 'Hello.', usage }));
  local = await startTestServer();
  const provider = { name: 'host', base_url: host.baseUrl, quirks: 'flashmux', models: ['qwen3-5-flash'] };
  hosted = await startTestServer({ settings: { providers: [provider], engine: { enabled: false } }, store: 'memory' });
});
afterAll(async () => {
  await local.stop();
  await hosted.stop();
  await host.close();
});

const messages = [{ role: 'user', content: 'Hello' }];

async function post({ url, key }: TestServer, path: string, body: JsonObject): Promise<unknown> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const reply = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(reply.status, await reply.clone().text()).toBe(200);
  return await reply.json();
}

// Example request. The page has single quotes around the name of the variable, where a shell leaves it as it stands; here stands the key.
test('the line of the page in a shell, on the embedded engine', async () => {
  const line = `curl ${local.url}/v1/chat/completions \\
  -H 'Authorization: Bearer ${local.key}' \\
  -H 'Content-Type: application/json' \\
  -d '{"model": "qwen3-5-flash", "messages": [{"role":"user","content":"Hello"}]}'`;
  const answer = chatAnswer.parse(JSON.parse(await pastedCurl(line)));
  expect(answer.usage).not.toHaveProperty('tool_usage');
});

test('the usage of the page, and none of tools that were not called, from a scripted host', async () => {
  // The same counts as on the page. Its cost is an example of the form; ours is what the price list makes of these counts: 123 x $0.10 and
  // 456 x $0.40 for a million, and three searches at $0.015.
  const told = { prompt_tokens: 123, completion_tokens: 456, tool_usage: { web_search: 3, code_interpreter: 1 } };
  const body = { model: 'qwen3-5-flash', messages, tool_web_search: true };
  const usageOf = z.looseObject({ usage: z.looseObject({}) });
  usage = told;
  expect(usageOf.parse(await post(hosted, '/v1/chat/completions', body)).usage).toMatchObject({ ...told, cost_usd: 0.045_194_7 });
  usage = { prompt_tokens: 123, completion_tokens: 456 };
  const toolless = usageOf.parse(await post(hosted, '/v1/chat/completions', body)).usage;
  expect(toolless).toMatchObject({ ...usage, cost_usd: 0.000_194_7 });
  expect(toolless).not.toHaveProperty('tool_usage');
});

// The last line of the page, and the tables at its beginning.
test('the schema of the model says what the tables say', async () => {
  const headers = { authorization: `Bearer ${local.key}` };
  const described = async (id: string): Promise<unknown> => (await fetch(`${local.url}/v1/models/${id}`, { headers })).json();
  const model = z
    .looseObject({ supported_parameters: z.array(z.string()), parameters: z.looseObject({ properties: z.looseObject({}) }) })
    .parse(await described('qwen3-5-flash'));
  expect(model).toMatchObject({
    aliases: expect.arrayContaining(['qwen3-5-flash']),
    context_length: 1_000_000,
    architecture: { input_modalities: expect.arrayContaining(['text', 'image', 'video']), output_modalities: ['text'] },
    features: expect.arrayContaining(['tools', 'server-tools']),
    pricing: { currency: 'USD' },
  });
  expect(Object.keys(model.parameters.properties)).toEqual(expect.arrayContaining(parametersOfThePage));
  expect(await described('qwen3-5-flash:variant1')).toMatchObject({
    region: 'China',
    context_length: 1_000_000,
    limits: { output: 65_536 },
    pricing: {
      tiers: [
        { max_input_tokens: 128_000, rates: rates('0.029', '0.287') },
        { max_input_tokens: 256_000, rates: rates('0.115', '1.147') },
        { rates: rates('0.172', '1.72') },
      ],
    },
  });
});

const parametersOfThePage = [
  'temperature',
  'top_p',
  'max_tokens',
  'enable_thinking',
  'vl_high_resolution_images',
  'max_pixels',
  'tool_web_search',
  'tool_web_extractor',
  'tool_code_interpreter',
  'tool_web_search_image',
  'tool_image_search',
  'video_fps',
  'treat_images_as_video',
  'disable_formatting',
];

/** Dollars for a million tokens. */
function rates(input: string, output: string): JsonObject {
  return { 'input-text': { usd: input, per: 1_000_000 }, 'output-text': { usd: output, per: 1_000_000 } };
}

const response = z.looseObject({
  object: z.literal('response'),
  status: z.enum(['completed', 'incomplete']),
  usage: z.looseObject({ input_tokens: z.int().min(1), cost_usd: z.number() }),
});
const message = z.looseObject({
  type: z.literal('message'),
  role: z.literal('assistant'),
  usage: z.looseObject({ input_tokens: z.int().min(1), cost_usd: z.number() }),
});

test.each(['qwen3-5-flash', 'qwen3-5-flash:variant1'])('%s on its three endpoints, on the embedded engine', async (model) => {
  chatAnswer.parse(await post(local, '/v1/chat/completions', { model, messages }));
  response.parse(await post(local, '/v1/responses', { model, input: messages }));
  message.parse(await post(local, '/v1/messages', { model, messages, max_tokens: 4096 }));
});
