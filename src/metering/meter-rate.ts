import type { Meter, Rate, Tier } from '../model/money.ts';

const free: Rate = { usd: '0', per: 1 };

/**
 * The rate of a meter, or of the meter that stands in for it: a medium, a thought or a cached token without a price of its own
 * costs what text costs there. A tool or a request without a price is free.
 */
export function meterRate(tier: Tier, meter: Meter): Rate {
  const stated = tier.rates[meter];
  if (stated !== undefined) return stated;
  if (isInputMeter(meter)) return tier.rates['input-text'] ?? free;
  if (isOutputMeter(meter)) return tier.rates['output-text'] ?? free;
  return free;
}

/** All meters that share `input.total` between them; a request has reads of one kind only. */
export const inputMeters = [
  'input-text',
  'input-image',
  'input-audio',
  'input-video',
  'cache-read-explicit',
  'cache-read-implicit',
  'cache-write',
] as const satisfies readonly Meter[];

/** All meters that share `output.total` between them. */
export const outputMeters = ['output-text', 'output-audio', 'reasoning'] as const satisfies readonly Meter[];

function isInputMeter(meter: Meter): boolean {
  return inputMeters.some((known) => known === meter);
}

function isOutputMeter(meter: Meter): boolean {
  return outputMeters.some((known) => known === meter);
}
