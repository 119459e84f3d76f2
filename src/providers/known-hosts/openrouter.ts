import type { KnownHost } from './known-host.ts';

export const openrouter: KnownHost = {
  name: 'openrouter',
  title: 'OpenRouter',
  seen: 'OpenRouter models list (2026-05-12) and the request types of @openrouter/sdk 1.3.19',
  keyVariable: 'OPENROUTER_API_KEY',
  type: 'openai-compatible',
  quirks: 'openrouter',
  seller: 'openrouter',
  regions: [{ name: 'global', baseUrl: 'https://openrouter.ai/api/v1' }],
  models: [{ model: 'qwen3.5-flash', upstreamModel: 'qwen/qwen3.5-flash-02-23' }],
};
