import { decimalOf, decimalText } from '../../catalogue/decimal.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Meter, PriceList, Rate, Tier } from '../../model/money.ts';

/** What OpenRouter calls our meters. Where several have one name, the first that has a price is told. */
const names: readonly (readonly [name: string, meter: Meter])[] = [
  ['prompt', 'input-text'],
  ['completion', 'output-text'],
  ['image_token', 'input-image'],
  ['audio', 'input-audio'],
  ['audio_output', 'output-audio'],
  ['internal_reasoning', 'reasoning'],
  ['input_cache_read', 'cache-read-explicit'],
  ['input_cache_read', 'cache-read-implicit'],
  ['input_cache_write', 'cache-write'],
  ['request', 'request'],
  ['web_search', 'tool:web_search'],
];

/** The names that may stand in an override; a tier changes nothing else. */
const overridable = new Set(['prompt', 'completion', 'audio', 'input_cache_read', 'input_cache_write']);

/**
 * Prices as OpenRouter tells them: dollars for one token, call or request, as decimal text. The tiers of a list, of which one prices
 * a whole request, are overrides above a number of prompt tokens; a later override wins.
 */
export function describePricing({ tiers }: PriceList): JsonObject {
  const [first, ...more] = tiers;
  const overrides = more.map((tier, index) => ({
    min_prompt_tokens: tiers[index]?.maxInputTokens ?? 0,
    ...Object.fromEntries(Object.entries(pricesOf(tier)).filter(([name]) => overridable.has(name))),
  }));
  return { prompt: '0', completion: '0', ...pricesOf(first), ...(overrides.length === 0 ? {} : { overrides }) };
}

function pricesOf(tier: Tier | undefined): Readonly<Record<string, string>> {
  const prices: Record<string, string> = {};
  for (const [name, meter] of names) {
    const rate = tier?.rates[meter];
    if (rate !== undefined) prices[name] ??= perUnit(rate);
  }
  return prices;
}

/** Decimals of a rate by the unit: more than any price has. */
const decimals = 18;

function perUnit({ usd, per }: Rate): string {
  const exact = decimalOf(usd);
  return decimalText({
    digits: (exact.digits * 10n ** BigInt(decimals)) / BigInt(per),
    decimals: exact.decimals + decimals,
  });
}
