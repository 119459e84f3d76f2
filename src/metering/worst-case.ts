import type { Meter, NanoUsd, PriceList, Rate, Tier } from '../model/money.ts';
import { lineAmount, requireCount } from './line-amount.ts';
import { inputMeters, meterRate, outputMeters } from './meter-rate.ts';

/** Upper bounds of what one request can use. Tokens and calls. */
export interface UsageBounds {
  /** All input, of all rounds where server-side tools run several. */
  readonly inputTokens: number;
  /** The answer without its thinking. */
  readonly maxOutputTokens: number;
  /** 0 where the model does not think. */
  readonly maxThinkingTokens: number;
  /** Most calls of each server-side tool, by tool name. */
  readonly toolCaps: Readonly<Record<string, number>>;
}

/**
 * The most that `chargeLines` can bill for any usage within the bounds: the amount to hold. Every tier that the input can
 * reach is tried, because the true input is only known afterwards and a lower tier need not be the cheaper one.
 * Throws RangeError for bounds that are no counts.
 */
export function worstCase(bounds: UsageBounds, priceList: PriceList): NanoUsd {
  const outputTokens = bounds.maxOutputTokens + bounds.maxThinkingTokens;
  for (const bound of [bounds.inputTokens, bounds.maxOutputTokens, bounds.maxThinkingTokens, outputTokens]) requireCount(bound);
  return reachableTiers(priceList, bounds.inputTokens).reduce((dearest, tier) => {
    const inputTokens = Math.min(bounds.inputTokens, tier.maxInputTokens ?? Infinity);
    const amount =
      groupBound(inputTokens, inputMeters, tier, priceList.lineQuantum) +
      groupBound(outputTokens, outputMeters, tier, priceList.lineQuantum) +
      toolsBound(bounds.toolCaps, tier, priceList.lineQuantum);
    return amount > dearest ? amount : dearest;
  }, 0n);
}

/** The tiers that requests of up to this many input tokens pay. The last one also takes what is larger than every tier. */
function reachableTiers(priceList: PriceList, inputTokens: number): readonly Tier[] {
  const last = priceList.tiers.length - 1;
  return priceList.tiers
    .map((tier, index): Tier => (index === last ? { rates: tier.rates } : tier))
    .filter((_, index) => index === 0 || inputTokens > (priceList.tiers[index - 1]?.maxInputTokens ?? Infinity));
}

/**
 * Bound of some lines that share so many tokens between them: all tokens at the dearest rate, and one quantum for each further
 * line, because every line rounds up by itself. (n lines that are exactly x in sum cost less than x + n quanta, and a multiple
 * of the quantum: at most x rounded up + n - 1 quanta.) Free lines round nothing.
 */
function groupBound(tokens: number, meters: readonly Meter[], tier: Tier, quantum: NanoUsd): NanoUsd {
  const rates = meters.map((meter) => meterRate(tier, meter)).filter((rate) => lineAmount(1, rate, quantum) > 0n);
  const lines = Math.min(rates.length, tokens);
  if (lines === 0) return 0n;
  const allAt = (rate: Rate): NanoUsd => lineAmount(tokens, rate, quantum);
  const dearest = rates.map(allAt).reduce((most, amount) => (amount > most ? amount : most), 0n);
  return dearest + BigInt(lines - 1) * quantum;
}

function toolsBound(toolCaps: UsageBounds['toolCaps'], tier: Tier, quantum: NanoUsd): NanoUsd {
  const request = tier.rates.request === undefined ? 0n : lineAmount(1, tier.rates.request, quantum);
  return Object.entries(toolCaps)
    .map(([name, calls]) => lineAmount(calls, meterRate(tier, `tool:${name}`), quantum))
    .reduce((total, amount) => total + amount, request);
}
