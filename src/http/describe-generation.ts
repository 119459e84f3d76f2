import { usdDecimal } from '../ledger/amount.ts';
import type { CallFacts, RequestRecord } from '../ledger/request-record.ts';
import type { JsonObject } from '../model/json.ts';
import { usdNumber } from './usd-number.ts';

/**
 * One call as the AI SDK's gateway client reads it (all of its fields are required), with OpenRouter's names beside them.
 * Times are in milliseconds, as both have them.
 */
export function describeGeneration(record: RequestRecord, call: CallFacts): JsonObject {
  const { requestId, outcome, charged, bill, usage } = record;
  const { input, output } = usage ?? { input: {}, output: {} };
  const toolLines = bill?.lines.filter(({ meter }) => meter.startsWith('tool:')) ?? [];
  const toolCost = toolLines.reduce((sum, { amount }) => sum + amount, 0n);
  return {
    id: call.answerId,
    request_id: requestId,
    model: call.answeringModel,
    requested_model: call.namedModel,
    provider_name: call.provider,
    created_at: new Date(call.createdAt).toISOString(),
    streamed: call.streamed,
    cancelled: outcome === 'aborted',
    finish_reason: finishReason(record, call),
    error: call.fault ?? null,
    is_byok: call.usedOwnKey === true,
    external_user: call.endUser ?? null,
    tags: [...(call.tags ?? [])],
    total_cost: usdNumber(charged),
    usage: usdNumber(charged),
    cost_usd: usdDecimal(charged),
    cost_nano_usd: charged.toString(),
    upstream_inference_cost: usdNumber((bill?.total ?? 0n) - toolCost),
    price_list: bill?.priceListId ?? null,
    cost_lines: (bill?.lines ?? []).map(({ meter, quantity, rate, amount }) => ({
      meter,
      quantity,
      usd: rate.usd,
      per: rate.per,
      cost_usd: usdDecimal(amount),
    })),
    latency: call.firstTokenMs ?? call.totalMs,
    generation_time: call.totalMs,
    native_tokens_prompt: input.total ?? 0,
    native_tokens_completion: output.total ?? 0,
    native_tokens_reasoning: output.reasoning ?? 0,
    native_tokens_cached: input.cacheRead ?? 0,
    native_tokens_cache_creation: input.cacheWrite ?? 0,
    estimated: usage?.estimated === true,
    billable_web_search_calls: usage?.toolCalls['web_search'] ?? 0,
    provider_responses: call.attempts.map(({ provider, model, durationMs, fault }) => ({
      provider_name: provider,
      model,
      latency: durationMs,
      error: fault ?? null,
    })),
  };
}

/** In the words of the chat protocol, and a word for what has none there: clients want a text. */
function finishReason({ outcome }: RequestRecord, call: CallFacts): string {
  if (call.finishReason !== undefined) return call.finishReason.replace('-', '_');
  return outcome === 'aborted' ? 'cancelled' : 'error';
}
