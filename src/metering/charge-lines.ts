import type { Bill } from '../model/event.ts';
import type { ChargeLine, Meter, NanoUsd, PriceList, Tier } from '../model/money.ts';
import type { Usage } from '../model/usage.ts';
import { chooseTier } from './choose-tier.ts';
import { lineAmount } from './line-amount.ts';
import { meterRate } from './meter-rate.ts';
import type { CacheKind, MeteredQuantity } from './split-usage.ts';
import { splitUsage } from './split-usage.ts';

/**
 * What a usage costs. Each line is rounded up once, to the list's quantum; the total is the sum of the lines, so the caller can
 * check the bill by hand. Lines without quantity are left out, lines without price are shown. Absent figures count as 0: who
 * wants them estimated fills them in first and sets `estimated`, which marks the token lines.
 */
export function chargeLines(usage: Usage, priceList: PriceList): Bill {
  const split = splitUsage(usage, cacheKindOf(priceList));
  const tier = chooseTier(priceList, split.inputTokens);
  const draw = (quantities: readonly MeteredQuantity[], estimated: boolean): ChargeLine[] =>
    quantities.filter(({ quantity }) => quantity > 0).map((entry) => chargeLine(entry, tier, priceList.lineQuantum, estimated));

  const request: MeteredQuantity = { meter: 'request', quantity: tier.rates.request === undefined ? 0 : 1 };
  const lines = [...draw([...split.input, ...split.output], usage.estimated === true), ...draw([...split.tools, request], false)];
  const isFlat = priceList.tiers.length === 1 || tier.maxInputTokens === undefined;
  return {
    lines,
    total: lines.reduce((total, line) => total + line.amount, 0n),
    priceListId: priceList.id,
    ...(isFlat ? {} : { tierMaxInputTokens: tier.maxInputTokens }),
  };
}

function chargeLine({ meter, quantity }: MeteredQuantity, tier: Tier, quantum: NanoUsd, estimated: boolean): ChargeLine {
  const rate = meterRate(tier, meter);
  const amount = lineAmount(quantity, rate, quantum);
  return { meter, quantity, rate, amount, ...(estimated ? { estimated } : {}) };
}

/** How a list sells cached tokens where the host does not say which cache they came from. */
function cacheKindOf(priceList: PriceList): CacheKind {
  const sells = (meter: Meter): boolean => priceList.tiers.some((tier) => tier.rates[meter] !== undefined);
  return !sells('cache-read-implicit') && sells('cache-read-explicit') ? 'explicit' : 'implicit';
}
