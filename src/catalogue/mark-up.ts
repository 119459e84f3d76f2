import type { PriceList, Rate, Tier } from '../model/money.ts';
import { decimalOf, decimalText, product, type Decimal } from './decimal.ts';

/** What the operator adds to every rate of some models, for everybody or for one account. */
export interface MarkUp {
  /** Absent: for every account. */
  readonly account?: string;
  /** A canonical id (`id:variant` for a variant), or the beginning of ids and a star: `qwen*`, `*`. */
  readonly model: string;
  /** Decimal text, such as "30" or "2.5"; "-10" takes a tenth off. */
  readonly percent: string;
}

/**
 * From above -100 to below 10,000, with up to four digits behind the point: with a price of 24 digits the product stays within the
 * 40 that metering reads.
 */
export const percentPattern = /^(-\d{1,2}|\d{1,4})(\.\d{1,4})?$/;

/**
 * The most specific rule that fits: one of the account before one for everybody, then one of this very model before a star, then
 * the star with the longest beginning. Rules never add up.
 */
export function chooseMarkUp(rules: readonly MarkUp[], modelId: string, accountId: string | undefined): MarkUp | undefined {
  const fits = rules.filter(({ account, model }) => (account === undefined || account === accountId) && means(model, modelId));
  return fits.toSorted((a, b) => precision(b) - precision(a))[0];
}

/** Whether a model of a rule, exact or with a star at its end, means this id. */
export function means(model: string, id: string): boolean {
  return model.endsWith('*') ? id.startsWith(model.slice(0, -1)) : id === model;
}

/** Longer than every id, so that each criterion outweighs all below it. */
const longest = 1_000_000;

function precision({ account, model }: MarkUp): number {
  return (account === undefined ? 0 : 2 * longest) + (model.endsWith('*') ? model.length - 1 : longest);
}

/**
 * The list with every rate raised by the rule, exact to the last digit; nothing is rounded before a bill's lines are. Its id names
 * the rule, so that each record of a request says which one was applied. Throws RangeError for a percentage that is none.
 */
export function markedUp(list: PriceList, rule: MarkUp): PriceList {
  const { account, model, percent } = rule;
  const whose = account === undefined ? model : `${model} for ${account}`;
  const id = `${list.id}${percent.startsWith('-') ? '' : '+'}${percent}%[${whose}]`;
  return withRates({ ...list, id }, ({ usd, per }) => ({ usd: raised(usd, percent), per }));
}

/** The same meters at no price: for calls that the caller pays elsewhere. Its id says so. */
export function freeOfCharge(list: PriceList, why: string): PriceList {
  return withRates({ ...list, id: `${list.id}[${why}]` }, ({ per }) => ({ usd: '0', per }));
}

function withRates(list: PriceList, change: (rate: Rate) => Rate): PriceList {
  const changeAll = (tiers: readonly Tier[]): readonly Tier[] =>
    tiers.map((tier) => {
      const rates = Object.entries(tier.rates).flatMap(([meter, rate]) =>
        rate === undefined ? [] : [[meter, change(rate)] as const],
      );
      return { ...tier, rates: Object.fromEntries(rates) };
    });
  const { tiers, batchTiers } = list;
  return { ...list, tiers: changeAll(tiers), ...(batchTiers === undefined ? {} : { batchTiers: changeAll(batchTiers) }) };
}

/** usd x (100 + percent) / 100, all three as decimal text. */
function raised(usd: string, percent: string): string {
  if (!percentPattern.test(percent)) throw new RangeError(`${JSON.stringify(percent)} is no percentage`);
  const { digits, decimals } = decimalOf(percent);
  const factor: Decimal = { digits: 100n * 10n ** BigInt(decimals) + digits, decimals: decimals + 2 };
  return decimalText(product(decimalOf(usd), factor));
}
