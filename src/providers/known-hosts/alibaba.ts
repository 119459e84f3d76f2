import type { KnownHost, KnownModel } from './known-host.ts';

/** Keys are bound to a region: one of another region is answered 401. */
export const alibaba: KnownHost = {
  name: 'alibaba',
  title: 'Alibaba Model Studio',
  seen: 'Model Studio documentation: endpoints by region, parameters, limits and error texts (2026-09)',
  keyVariable: 'DASHSCOPE_API_KEY',
  type: 'openai-compatible',
  quirks: 'dashscope',
  seller: 'alibaba',
  regions: [
    region('singapore', 'dashscope-intl.aliyuncs.com', ['Singapore', 'international']),
    region('us', 'dashscope-us.aliyuncs.com', ['Virginia']),
    region('beijing', 'dashscope.aliyuncs.com', ['China (Beijing)']),
    region('hong-kong', 'cn-hongkong.dashscope.aliyuncs.com', []),
  ],
  models: [
    same('qwen3.5-flash'),
    same('qwen3.6-flash'),
    same('qwen3.7-flash'),
    same('qwen3.8-flash'),
    same('qwen-flash'),
    same('qwen3.5-omni-flash'),
    same('qwen3.8-omni-flash'),
    same('qwen3-omni-flash'),
    same('qwen3-coder-flash'),
  ],
};

function region(name: string, address: string, offers: readonly string[]): KnownHost['regions'][number] {
  const faces = { 'anthropic-messages': `https://${address}/apps/anthropic/v1` };
  return { name, baseUrl: `https://${address}/compatible-mode/v1`, faces, offers };
}

/** The chat face has no content part for documents; they are uploaded and named by id, which is another call. */
function same(model: string): KnownModel {
  return { model, upstreamModel: model, withoutInput: ['document'] };
}
