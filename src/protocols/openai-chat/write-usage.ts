import type { Bill } from '../../model/event.ts';
import type { JsonObject } from '../../model/json.ts';
import type { ChargeLine } from '../../model/money.ts';
import type { Usage } from '../../model/usage.ts';
import { usdNumber } from '../codec.ts';
import { costFields } from '../wire/cost-fields.ts';
import { wire } from '../wire/said.ts';

/**
 * The usage object that all measured clients accept: the three totals and both details with a number for cached and for reasoning
 * tokens, even where the host did not tell one (a listed loss). `usage.raw` is not written: it is the host's account with us, at the
 * host's prices, and no part of the caller's.
 */
export function writeUsage(usage: Usage, bill: Bill | undefined): JsonObject {
  const { input, output } = usage;
  const prompt = input.total ?? 0;
  const completion = output.total ?? 0;
  const calls = Object.entries(usage.toolCalls).filter(([, times]) => times > 0);
  return wire({
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: wire({
      cached_tokens: input.cacheRead ?? 0,
      text_tokens: input.text,
      image_tokens: input.image,
      audio_tokens: input.audio,
      video_tokens: input.video,
      ...cacheFields(usage),
    }),
    completion_tokens_details: wire({
      reasoning_tokens: output.reasoning ?? 0,
      text_tokens: output.text,
      audio_tokens: output.audio,
      accepted_prediction_tokens: output.acceptedPrediction,
      rejected_prediction_tokens: output.rejectedPrediction,
    }),
    estimated: usage.estimated === true ? true : undefined,
    ...(bill === undefined ? {} : costFields(bill)),
    tool_usage: calls.length === 0 ? undefined : Object.fromEntries(calls),
  });
}

/** Cache writes in OpenRouter's and in DashScope's words at once. */
function cacheFields({ input }: Usage): JsonObject {
  const isExplicit = input.cacheKind === 'explicit';
  return wire({
    cache_write_tokens: input.cacheWrite,
    cache_creation_input_tokens: input.cacheWrite,
    cache_creation: isExplicit && input.cacheWrite !== undefined ? { ephemeral_5m_input_tokens: input.cacheWrite } : undefined,
    cache_type: isExplicit ? 'ephemeral' : undefined,
  });
}

/**
 * AI/ML API's `meta`: credits, each line of the bill rounded up on its own, as both published bills of seed 003 have it
 * (21 and 316 tokens: 22 + 1808 = 1830 credits).
 */
export function writeMeta(bill: Bill, creditsPerUsd: bigint): JsonObject {
  const credits = bill.lines.reduce((sum, line) => sum + creditsOf(line, creditsPerUsd), 0n);
  return { usage: { credits_used: Number(credits), usd_spent: usdNumber(bill.total) } };
}

const nanoPerUsd = 1_000_000_000n;

function creditsOf(line: ChargeLine, creditsPerUsd: bigint): bigint {
  return (line.amount * creditsPerUsd + nanoPerUsd - 1n) / nanoPerUsd;
}
