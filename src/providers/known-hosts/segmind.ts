import type { KnownHost } from './known-host.ts';

/** Its pages name no prices of tokens, so callers pay the price of the model. */
export const segmind: KnownHost = {
  name: 'segmind',
  title: 'Segmind',
  seen: 'Segmind model pages qwen3.5-flash and qwen-flash (2026-11)',
  keyVariable: 'SEGMIND_API_KEY',
  type: 'segmind',
  quirks: 'segmind',
  seller: 'segmind',
  regions: [{ name: 'global', baseUrl: 'https://api.segmind.com/v1' }],
  models: [
    // The content of a message is a string there; pictures have a parameter beside it, clips go as pictures of their frames.
    { model: 'qwen3.5-flash', upstreamModel: 'qwen3.5-flash', withoutInput: ['video', 'document'] },
    { model: 'qwen-flash', upstreamModel: 'qwen-flash' },
  ],
};
