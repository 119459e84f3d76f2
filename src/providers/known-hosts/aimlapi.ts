import type { KnownHost } from './known-host.ts';

export const aimlapi: KnownHost = {
  name: 'aimlapi',
  title: 'AI/ML API',
  seen: 'AI/ML API page of alibaba/qwen3.5-omni-flash with its OpenAPI document (2026-11)',
  keyVariable: 'AIMLAPI_API_KEY',
  type: 'openai-compatible',
  quirks: 'aimlapi',
  seller: 'aimlapi',
  regions: [{ name: 'global', baseUrl: 'https://api.aimlapi.com/v1' }],
  models: [{ model: 'qwen3.5-omni-flash', upstreamModel: 'alibaba/qwen3.5-omni-flash', withoutInput: ['document'] }],
};
