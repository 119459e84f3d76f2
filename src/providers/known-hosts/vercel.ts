import type { KnownHost } from './known-host.ts';

/** It sells at the list price of the provider behind it, which for this model is Alibaba in Singapore. */
export const vercel: KnownHost = {
  name: 'vercel',
  title: 'Vercel AI Gateway',
  seen: 'Vercel AI Gateway model page alibaba/qwen3.5-flash and its documentation of the OpenAI-compatible API (2026)',
  keyVariable: 'AI_GATEWAY_API_KEY',
  type: 'openai-compatible',
  quirks: 'vercel',
  seller: 'alibaba',
  regions: [{ name: 'global', baseUrl: 'https://ai-gateway.vercel.sh/v1', offers: ['Singapore'] }],
  models: [{ model: 'qwen3.5-flash', upstreamModel: 'alibaba/qwen3.5-flash', limits: { output: 64_000 } }],
  // "AI Gateway does not currently support Zero Data Retention for this model"; the column No Training is empty.
  privacy: { keepsNoData: false, retainsNothing: false, trainsOnNothing: false },
};
