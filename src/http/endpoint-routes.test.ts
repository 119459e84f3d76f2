import { expect, test } from 'vitest';
import type { EndpointView } from '../catalogue/endpoint-view.ts';
import { isJsonObject, parseJson, type JsonObject } from '../model/json.ts';
import { openrouterDialect } from '../dialects/openrouter/openrouter-dialect.ts';
import { listing, plainDialect, scripted, startListener, validKey } from './listener.test-support.ts';

const quantiles = { p50: 401.2345, p75: 500, p90: 600, p99: 1_234.5678 };
const { capabilities, limits, priceList } = listing.model;
const busy: EndpointView = {
  provider: 'alibaba',
  region: 'singapore',
  model: 'qwen-m',
  capabilities: { ...capabilities, features: ['tools', 'implicit-cache'] },
  limits: { ...limits, input: 900 },
  priceList,
  missingParameters: ['seed'],
  quantization: 'fp8',
  privacy: { keepsNoData: true, retainsNothing: false, trainsOnNothing: true },
  ready: true,
  circuit: { state: 'resting', askedAgainInSeconds: 12 },
  figures: { latencyMs: quantiles, throughput: quantiles, uptime: { last5Minutes: 1, last30Minutes: 0.98765, lastDay: 0.5 } },
};
const fresh: EndpointView = {
  provider: 'own',
  model: 'qwen-m',
  capabilities,
  limits,
  priceList,
  missingParameters: [],
  ready: true,
  circuit: { state: 'closed' },
  figures: { uptime: {} },
};

const names = ['qwen-m', 'alibaba/qwen-m'];
const models = {
  list: () => [listing],
  find: (id: string) => (names.includes(id) ? listing : undefined),
  endpoints: (id: string) => (names.includes(id) ? [busy, fresh] : []),
};

async function get(path: string, key = validKey): Promise<{ readonly status: number; readonly body: JsonObject }> {
  await using started = await startListener(scripted(), { models, dialects: [plainDialect, openrouterDialect] });
  const reply = await fetch(`${started.url}${path}`, { headers: { authorization: `Bearer ${key}` } });
  const body = parseJson(await reply.text());
  if (!isJsonObject(body)) throw new Error('the answer is no object');
  return { status: reply.status, body };
}

const none = {
  latency_ms_last_30m: null,
  throughput_last_30m: null,
  uptime_last_5m: null,
  uptime_last_30m: null,
  uptime_last_1d: null,
};

test.each(['qwen-m', 'alibaba/qwen-m', 'alibaba%2Fqwen-m'])('the endpoints of %s: what each is, and how it does', async (id) => {
  const { status, body } = await get(`/v1/models/${id}/endpoints`);
  expect(status).toBe(200);
  const told = { p50: 401.2, p75: 500, p90: 600, p99: 1_235 };
  expect(body).toMatchObject({
    object: 'list',
    model: 'qwen-m',
    data: [
      {
        provider: 'alibaba',
        region: 'singapore',
        quantization: 'fp8',
        missing_parameters: ['seed'],
        limits: { context: 1000, input: 900, output: 100 },
        pricing: { price_list: 'm-2026', input: '0.10', output: '0.40' },
        privacy: { keeps_no_data: true, retains_nothing: false, trains_on_nothing: true },
        circuit: { state: 'resting', asked_again_in_seconds: 12 },
        latency_ms_last_30m: told,
        throughput_last_30m: told,
        uptime_last_5m: 1,
        uptime_last_30m: 0.9877,
        uptime_last_1d: 0.5,
      },
      { provider: 'own', region: null, privacy: null, circuit: { state: 'closed', asked_again_in_seconds: null }, ...none },
    ],
  });
});

test('the endpoints in the form of OpenRouter: percent, a tag that routing understands, and an offer that is withdrawn', async () => {
  const { body } = await get('/api/v1/models/alibaba/qwen-m/endpoints');
  expect(body).toMatchObject({
    data: {
      id: 'alibaba/qwen-m',
      endpoints: [
        {
          name: 'alibaba | alibaba/qwen-m',
          tag: 'alibaba/singapore',
          quantization: 'fp8',
          max_prompt_tokens: 900,
          status: -1,
          supports_implicit_caching: true,
          supports_tool_choice: { auto: true },
          latency_last_30m: { p50: 401.2 },
          throughput_last_30m: { p99: 1_235 },
          uptime_last_5m: 100,
          uptime_last_30m: 98.77,
          uptime_last_1d: 50,
        },
        { tag: 'own', quantization: 'unknown', status: 0, latency_last_30m: null, uptime_last_1d: null },
      ],
    },
  });
  expect(JSON.stringify(body)).toContain('"supported_parameters":["temperature"');
});

test('a model that is not there, or that the key may not call, has no endpoints to show', async () => {
  for (const id of ['nobody', 'no/body']) expect((await get(`/v1/models/${id}/endpoints`)).status).toBe(404);
  expect((await get('/v1/models/qwen-m/endpoints', `${validKey}_limited`)).status).toBe(404);
  expect((await get('/v1/models/qwen-m/endpoints', 'wrong')).status).toBe(401);
});
