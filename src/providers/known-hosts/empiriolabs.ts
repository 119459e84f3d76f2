import type { KnownHost } from './known-host.ts';

export const empiriolabs: KnownHost = {
  name: 'empiriolabs',
  title: 'EmpirioLabs',
  seen: 'EmpirioLabs model page qwen3-5-flash with its variant (2026-11)',
  keyVariable: 'EMPIRIOLABS_API_KEY',
  type: 'openai-compatible',
  quirks: 'empiriolabs',
  seller: 'empiriolabs',
  regions: [{ name: 'singapore', baseUrl: 'https://api.empiriolabs.ai/v1', offers: ['Singapore'] }],
  models: [
    { model: 'qwen3.5-flash', upstreamModel: 'qwen3-5-flash', limits: { output: 32_768 }, withoutInput: ['document'] },
    {
      model: 'qwen3.5-flash:variant1',
      upstreamModel: 'qwen3-5-flash:variant1',
      region: 'china',
      offers: ['China'],
      limits: { output: 65_536, thinking: 80_000 },
      withoutInput: ['document'],
    },
  ],
};
