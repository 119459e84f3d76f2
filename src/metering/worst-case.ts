import type { Meter, NanoUsd, PriceList, Rounding, Service, Tier } from '../model/money.ts';
import { tiersOf } from './choose-tier.ts';
import { lesser, requireCount } from './count.ts';
import { dearestOf, exactAmount, roundedUp, sumOf, times, unitPrice, type ExactAmount } from './exact-amount.ts';
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
export function worstCase(bounds: UsageBounds, priceList: PriceList, service: Service = 'standard'): NanoUsd {
  const outputTokens = bounds.maxOutputTokens + bounds.maxThinkingTokens;
  for (const bound of [bounds.inputTokens, bounds.maxOutputTokens, bounds.maxThinkingTokens, outputTokens]) requireCount(bound);
  return reachableTiers(tiersOf(priceList, service), bounds.inputTokens).reduce((dearest, { tier, inputTokens }) => {
    const { input, output } = dearestUnits(tier);
    const shared = [sharedBound(inputTokens, input), sharedBound(outputTokens, output)];
    const amount = roundedBound([...shared, ...toolBounds(bounds.toolCaps, tier)], priceList.rounding);
    return amount > dearest ? amount : dearest;
  }, 0n);
}

/** The part of it that no token has to do with: tool calls and the price of a request. */
export function worstFixed(bounds: UsageBounds, priceList: PriceList, service: Service = 'standard'): NanoUsd {
  return reachableTiers(tiersOf(priceList, service), bounds.inputTokens).reduce((dearest, { tier }) => {
    const amount = roundedBound(toolBounds(bounds.toolCaps, tier), priceList.rounding);
    return amount > dearest ? amount : dearest;
  }, 0n);
}

interface ReachableTier {
  readonly tier: Tier;
  /** The most tokens that a request of this tier can have. */
  readonly inputTokens: number;
}

/** The tiers that requests of up to this many input tokens pay. The last one also takes what is larger than every tier. */
function reachableTiers(tiers: readonly Tier[], inputTokens: number): readonly ReachableTier[] {
  const reached = tiers.filter((_, index) => index === 0 || inputTokens > (tiers[index - 1]?.maxInputTokens ?? Infinity));
  return reached.map((tier) => {
    const end = tier === tiers.at(-1) ? undefined : tier.maxInputTokens;
    return { tier, inputTokens: lesser(end ?? inputTokens, inputTokens) };
  });
}

/** What some lines cost together at most, and how many they can be. */
interface Bound {
  readonly exact: ExactAmount;
  readonly lines: number;
}

/** Lines that share so many tokens between them: all tokens at the dearest rate. A free line rounds nothing, so it is not counted. */
function sharedBound(tokens: number, { price, meters }: DearestUnit): Bound {
  return { exact: times(tokens, price), lines: lesser(meters, tokens) };
}

/** What a token costs at most that several meters may count, and how many of them ask anything for it. */
interface DearestUnit {
  readonly price: ExactAmount;
  readonly meters: number;
}

interface DearestUnits {
  readonly input: DearestUnit;
  readonly output: DearestUnit;
}

/** A tier is the same object for as long as its list is in force, and is held for with every request. */
const knownUnits = new WeakMap<Tier, DearestUnits>();

function dearestUnits(tier: Tier): DearestUnits {
  const known = knownUnits.get(tier);
  if (known !== undefined) return known;
  const units = { input: dearestUnit(inputMeters, tier), output: dearestUnit(outputMeters, tier) };
  knownUnits.set(tier, units);
  return units;
}

function dearestUnit(meters: readonly Meter[], tier: Tier): DearestUnit {
  const prices = meters.map((meter) => unitPrice(meterRate(tier, meter))).filter(({ numerator }) => numerator > 0n);
  return { price: dearestOf(prices), meters: prices.length };
}

function toolBounds(toolCaps: UsageBounds['toolCaps'], tier: Tier): readonly Bound[] {
  const request = tier.rates.request === undefined ? [] : [exactAmount(1, tier.rates.request)];
  const tools = Object.entries(toolCaps).map(([name, calls]) => exactAmount(calls, meterRate(tier, `tool:${name}`)));
  return [...tools, ...request].map((exact) => ({ exact, lines: 1 }));
}

/**
 * Where each line is rounded by itself, one quantum is added for each further line that shares its tokens: n lines that are
 * exactly x in sum cost less than x + n quanta, and a multiple of the quantum, so at most x rounded up + n - 1 quanta.
 */
function roundedBound(bounds: readonly Bound[], { quantum, per }: Rounding): NanoUsd {
  switch (per) {
    case 'line':
      return bounds
        .filter(({ lines }) => lines > 0)
        .reduce((total, { exact, lines }) => total + roundedUp(exact, quantum) + BigInt(lines - 1) * quantum, 0n);
    case 'request':
      return roundedUp(sumOf(bounds.map(({ exact }) => exact)), quantum);
  }
}
