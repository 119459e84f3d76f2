import type { Conversion, Meter, PriceList, Rate, Tier } from '../model/money.ts';
import { shareOf } from './share.ts';
import type { TokenPrices } from './token-prices.ts';

/** What a file says about one price list, its figures still as they were written. */
export interface WrittenPrices {
  readonly id: string;
  /** ISO date or time. */
  readonly from: string;
  readonly tiers: readonly WrittenTier[];
  /** Dollars for one call, by server-side tool. */
  readonly perCall?: Readonly<Record<string, string>> | undefined;
  /** Dollars. */
  readonly perRequest?: string | undefined;
  readonly rounding?: WrittenRounding | undefined;
  readonly batch?: WrittenBatch | undefined;
  readonly converted?: Conversion | undefined;
}

export interface WrittenTier {
  readonly maxInputTokens?: number | undefined;
  readonly prices: TokenPrices;
}

export interface WrittenRounding {
  /** Nano-dollars. */
  readonly quantum?: string | undefined;
  readonly per?: 'line' | 'request' | undefined;
}

export interface WrittenBatch {
  /** `0.5` or `50%` of every token price. */
  readonly factor: string;
  /** False: cached tokens cost in a batch what fresh text costs there. */
  readonly cacheDiscounts: boolean;
}

/** A figure that no price can express. `service` is what it was asked for. */
export type ReportInexact = (tier: number, meter: string, service: 'standard' | 'batch', share: string) => void;

/** The price list, each part of a price worked out exactly. Where that cannot be, `report` is told and the list is not to be used. */
export function buildPriceList(written: WrittenPrices, report: ReportInexact): PriceList {
  const { id, from, tiers, rounding: { quantum = '1', per = 'line' } = {}, batch, converted } = written;
  const standard = tiers.map(({ prices }, index) => tokenUsd(prices, (meter, share) => report(index, meter, 'standard', share)));
  const each = { ...callRates(written.perCall ?? {}), ...requestRate(written.perRequest) };
  const tiersAt = (prices: readonly UsdByMeter[]): readonly Tier[] =>
    prices.map((usd, index) => ({ ...endOf(tiers[index]), rates: { ...ratesPerMillion(usd), ...each } }));
  return {
    id,
    from,
    tiers: tiersAt(standard),
    ...(batch === undefined
      ? {}
      : {
          batchTiers: tiersAt(
            standard.map((usd, index) => batchUsd(usd, batch, (meter) => report(index, meter, 'batch', batch.factor))),
          ),
        }),
    rounding: { quantum: BigInt(quantum), per },
    ...(converted === undefined ? {} : { converted }),
  };
}

/** Dollars for a million tokens, by token meter. */
type UsdByMeter = Readonly<Record<string, string>>;

function tokenUsd(prices: TokenPrices, inexact: (meter: string, share: string) => void): UsdByMeter {
  return mapped(prices, (meter, price) => {
    if (!price.endsWith('%')) return price;
    const usd = shareOf(prices['input-text'], price);
    if (usd === undefined) inexact(meter, price);
    return usd;
  });
}

/** Only tokens are cheaper in a batch: a tool is run, and a request is made, as ever. */
function batchUsd(usd: UsdByMeter, { factor, cacheDiscounts }: WrittenBatch, inexact: (meter: string) => void): UsdByMeter {
  return mapped(usd, (meter, price) => {
    // Without its own rate a cached token costs what text costs.
    if (!cacheDiscounts && meter.startsWith('cache-')) return undefined;
    const lowered = shareOf(price, factor);
    if (lowered === undefined) inexact(meter);
    return lowered;
  });
}

/** Without what gives nothing. */
function mapped(prices: Readonly<Record<string, string>>, to: (meter: string, price: string) => string | undefined): UsdByMeter {
  return Object.fromEntries(
    Object.entries(prices).flatMap(([meter, price]) => {
      const usd = to(meter, price);
      return usd === undefined ? [] : [[meter, usd]];
    }),
  );
}

function endOf(tier: WrittenTier | undefined): Pick<Tier, 'maxInputTokens'> {
  return tier?.maxInputTokens === undefined ? {} : { maxInputTokens: tier.maxInputTokens };
}

function ratesPerMillion(usd: UsdByMeter): Readonly<Record<string, Rate>> {
  return Object.fromEntries(Object.entries(usd).map(([meter, price]) => [meter, { usd: price, per: 1_000_000 }]));
}

function callRates(perCall: Readonly<Record<string, string>>): Partial<Record<Meter, Rate>> {
  return Object.fromEntries(Object.entries(perCall).map(([tool, usd]) => [`tool:${tool}`, { usd, per: 1 }]));
}

function requestRate(usd: string | undefined): Partial<Record<Meter, Rate>> {
  return usd === undefined ? {} : { request: { usd, per: 1 } };
}
