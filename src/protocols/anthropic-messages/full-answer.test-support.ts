import type Anthropic from '@anthropic-ai/sdk';
import type Anthropic0 from '@anthropic-ai/sdk-0';
import type { Answer } from '../../model/answer.ts';
import type { Bill } from '../../model/event.ts';
import type { Envelope } from '../codec.ts';

export const envelope: Envelope = {
  id: 'gen_01',
  requestId: 'req_01',
  createdAt: 1,
  model: 'alibaba/qwen3.5-flash',
  provider: 'alibaba',
  inputTokens: 11,
  creditsPerUsd: 2_000_000n,
};
const bill: Bill = {
  lines: [
    { meter: 'input-text', quantity: 10, rate: { usd: '0.05', per: 1_000_000 }, amount: 500n },
    { meter: 'output-text', quantity: 5, rate: { usd: '0.1', per: 1_000_000 }, amount: 500n },
    { meter: 'tool:web_search', quantity: 1, rate: { usd: '0.5', per: 1_000_000 }, amount: 500n },
  ],
  total: 1500n,
  priceListId: 'list',
};

/** An answer with every kind of content. What follows is how both lines of the SDK name its pieces. */
export const full: Answer = {
  choices: [
    {
      parts: [
        { kind: 'reasoning', text: 'think', seal: { protocol: 'anthropic-messages', value: 'c2ln' } },
        { kind: 'text', text: 'hello', citations: [{ url: 'http://a', title: 'T', startIndex: 0, endIndex: 5 }] },
        { kind: 'tool-call', callId: 'call_1', name: 'f', argumentsText: '{"a":1}', ranBy: 'caller' },
      ],
      reason: 'tool-calls',
    },
  ],
  usage: {
    input: { total: 10, cacheRead: 2, cacheWrite: 1, cacheKind: 'explicit' },
    output: { total: 5, reasoning: 3 },
    toolCalls: { web_search: 1 },
  },
  bill,
  notices: [],
  carried: [],
};

/** What no type of a client knows and all clients pass over. */
export const ours = {
  tool_usage: { web_search: 1 },
  cost: 0.000_001_5,
  cost_usd: 0.000_001_5,
  is_byok: false,
  cost_details: {
    upstream_inference_cost: 0.000_001,
    upstream_inference_prompt_cost: 0.000_000_5,
    upstream_inference_completions_cost: 0.000_000_5,
    server_tool_cost: 0.000_000_5,
  },
};

export const finalUsage = {
  input_tokens: 7,
  cache_creation_input_tokens: 1,
  cache_read_input_tokens: 2,
  output_tokens: 5,
  output_tokens_details: { thinking_tokens: 3 },
  server_tool_use: { web_search_requests: 1, web_fetch_requests: 0 },
} satisfies Anthropic.MessageDeltaUsage satisfies Anthropic0.MessageDeltaUsage;

export const citation = {
  type: 'web_search_result_location',
  url: 'http://a',
  title: 'T',
  cited_text: '',
  encrypted_index: '',
} satisfies Anthropic.CitationsWebSearchResultLocation satisfies Anthropic0.CitationsWebSearchResultLocation;
export const place = { start_index: 0, end_index: 5 };

export const cacheFields = {
  cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 0 },
  cache_type: 'ephemeral',
};
