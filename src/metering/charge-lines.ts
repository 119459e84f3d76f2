import type { Bill } from '../model/event.ts';
import type { ChargeLine, Meter, NanoUsd, PriceList, Rounding, Service } from '../model/money.ts';
import type { Usage } from '../model/usage.ts';
import { chooseTier, tiersOf } from './choose-tier.ts';
import { exactAmount, roundedUp, type ExactAmount } from './exact-amount.ts';
import { meterRate } from './meter-rate.ts';
import { roundSum } from './round-sum.ts';
import { splitUsage, type CacheKind, type MeteredQuantity } from './split-usage.ts';

/**
 * What a usage costs. It is rounded up where the list says so, each line by itself or the sum once; either way the lines add up
 * to the total, so the caller can check the bill by hand. Lines without quantity are left out, lines without price are shown.
 * Absent figures count as 0: who wants them estimated fills them in first and sets `estimated`, which marks the token lines.
 * Never throws for a usage, whatever a host has sent.
 */
export function chargeLines(usage: Usage, priceList: PriceList, service: Service = 'standard'): Bill {
  const split = splitUsage(usage, cacheKindOf(priceList));
  const tier = chooseTier(priceList, split.inputTokens, service);
  const price = (quantities: readonly MeteredQuantity[], estimated: boolean): ExactLine[] =>
    quantities
      .filter(({ quantity }) => quantity > 0)
      .map(({ meter, quantity }) => {
        const rate = meterRate(tier, meter);
        return { meter, quantity, rate, exact: exactAmount(quantity, rate), ...(estimated ? { estimated } : {}) };
      });

  const request: MeteredQuantity = { meter: 'request', quantity: tier.rates.request === undefined ? 0 : 1 };
  const tokens = price([...split.input, ...split.output], usage.estimated === true);
  const exactLines = [...tokens, ...price([...split.tools, request], false)];
  const amounts = rounded(
    exactLines.map(({ exact }) => exact),
    priceList.rounding,
  );
  const lines = exactLines.map(({ exact: _, ...line }, index): ChargeLine => ({ ...line, amount: amounts[index] ?? 0n }));
  const isFlat = tiersOf(priceList, service).length === 1 || tier.maxInputTokens === undefined;
  return {
    lines,
    total: lines.reduce((total, line) => total + line.amount, 0n),
    priceListId: priceList.id,
    ...(isFlat ? {} : { tierMaxInputTokens: tier.maxInputTokens }),
  };
}

type ExactLine = Omit<ChargeLine, 'amount'> & { readonly exact: ExactAmount };

/** One amount for each exact one. */
function rounded(exact: readonly ExactAmount[], { quantum, per }: Rounding): readonly NanoUsd[] {
  switch (per) {
    case 'line':
      return exact.map((amount) => roundedUp(amount, quantum));
    case 'request':
      return roundSum(exact, quantum);
  }
}

/** How a list sells cached tokens where the host does not say which cache they came from. */
function cacheKindOf(priceList: PriceList): CacheKind {
  const sells = (meter: Meter): boolean => priceList.tiers.some((tier) => tier.rates[meter] !== undefined);
  return !sells('cache-read-implicit') && sells('cache-read-explicit') ? 'explicit' : 'implicit';
}
