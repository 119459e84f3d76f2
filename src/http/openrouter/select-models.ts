import type { Listing } from '../../catalogue/catalogue.ts';
import { decimalOf } from '../../catalogue/decimal.ts';
import type { Meter } from '../../model/money.ts';
import { releasedSeconds } from '../describe-model.ts';
import { wrongQuery } from '../read-query.ts';
import { describeArchitecture, openrouterId, supportedParameters } from './describe-openrouter-model.ts';

/** Query parameters of OpenRouter's `GET /models` (@openrouter/sdk 1.3.19). */
export const modelParameters = [
  'offset',
  'limit',
  'category',
  'supported_parameters',
  'output_modalities',
  'input_modalities',
  'sort',
  'q',
  'context',
  'min_price',
  'max_price',
  'min_output_price',
  'max_output_price',
  'arch',
  'model_authors',
  'providers',
  'distillable',
  'zdr',
  'region',
  'min_age_days',
  'max_age_days',
  'min_intelligence_index',
  'max_intelligence_index',
  'min_coding_index',
  'max_coding_index',
  'min_agentic_index',
  'max_agentic_index',
  'min_tool_success_rate',
  'max_tool_success_rate',
] as const;

export type ModelQuery = Readonly<Partial<Record<(typeof modelParameters)[number], string>>>;

/** What flashmux keeps no figures of. Ignored, they would give models that the caller has excluded. */
const unkept = new Set<string>([
  'category',
  'arch',
  'distillable',
  'zdr',
  'region',
  ...modelParameters.filter((name) => /_index$|_rate$/.test(name)),
]);

/** The models that fit the query, in the order that it asks for. `now` in Unix milliseconds. Throws `invalid_request`. */
export function selectModels(listings: readonly Listing[], query: ModelQuery, now: number): readonly Listing[] {
  const refused = modelParameters.find((name) => query[name] !== undefined && unkept.has(name));
  if (refused !== undefined) throw wrongQuery(refused, `This server keeps nothing by which "${refused}" could be told.`);
  const wishes = [...wordWishes(query), ...numberWishes(query, now)];
  return sorted(
    listings.filter((listing) => wishes.every((fits) => fits(listing))),
    query.sort,
  );
}

type Wish = (listing: Listing) => boolean;

function wordWishes(query: ModelQuery): readonly Wish[] {
  const wishes: Wish[] = [];
  const parameters = listOf(query.supported_parameters);
  if (parameters !== undefined) wishes.push((listing) => includesAll(supportedParameters(listing), parameters));
  const input = listOf(query.input_modalities);
  if (input !== undefined) wishes.push(({ model }) => includesAll(wordsOf(model, 'input_modalities'), input));
  // As at OpenRouter, models that answer with something else than text are not meant unless they are asked for.
  const output = listOf(query.output_modalities) ?? ['text'];
  if (!output.includes('all')) {
    wishes.push(({ model }) => output.some((word) => wordsOf(model, 'output_modalities').includes(word)));
  }
  const authors = listOf(query.model_authors);
  if (authors !== undefined) {
    wishes.push((listing) =>
      [listing.model.owner, openrouterId(listing).split('/')[0] ?? ''].some((one) => authors.includes(one)),
    );
  }
  const providers = listOf(query.providers);
  if (providers !== undefined) wishes.push((listing) => listing.providers.some((name) => providers.includes(name)));
  const words = query.q?.toLowerCase();
  if (words !== undefined) {
    wishes.push((listing) => `${openrouterId(listing)} ${listing.model.id} ${listing.model.name}`.toLowerCase().includes(words));
  }
  return wishes;
}

function wordsOf(model: Listing['model'], name: 'input_modalities' | 'output_modalities'): readonly string[] {
  const words = describeArchitecture(model)[name];
  return Array.isArray(words) ? words : [];
}

function listOf(text: string | undefined): readonly string[] | undefined {
  return text?.split(',').map((word) => word.trim());
}

function includesAll(given: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((word) => given.includes(word));
}

function numberWishes(query: ModelQuery, now: number): readonly Wish[] {
  const wishes: Wish[] = [];
  const add = (name: keyof ModelQuery, fits: (listing: Listing, bound: bigint) => boolean, decimals = 0): void => {
    const bound = readBound(name, query[name], decimals);
    if (bound !== undefined) wishes.push((listing) => fits(listing, bound));
  };
  add('context', ({ model, variant }, bound) => BigInt((variant ?? model).limits.context) >= bound);
  add('min_price', (listing, bound) => perMillion(listing, 'input-text') >= bound, priceDecimals);
  add('max_price', (listing, bound) => perMillion(listing, 'input-text') <= bound, priceDecimals);
  add('min_output_price', (listing, bound) => perMillion(listing, 'output-text') >= bound, priceDecimals);
  add('max_output_price', (listing, bound) => perMillion(listing, 'output-text') <= bound, priceDecimals);
  add('min_age_days', (listing, bound) => ageDays(listing, now) >= bound);
  add('max_age_days', (listing, bound) => ageDays(listing, now) <= bound);
  return wishes;
}

/** Prices are compared as whole numbers of 10^-12 dollars for a million tokens. */
const priceDecimals = 12;

function readBound(name: string, text: string | undefined, decimals: number): bigint | undefined {
  if (text === undefined) return undefined;
  const pattern = decimals === 0 ? /^\d{1,12}$/ : /^\d{1,12}(\.\d{1,12})?$/;
  if (!pattern.test(text)) throw wrongQuery(name, `"${name}" must be a ${decimals === 0 ? 'whole ' : ''}number from 0.`);
  const exact = decimalOf(text);
  return exact.digits * 10n ** BigInt(decimals - exact.decimals);
}

function perMillion({ model, variant }: Listing, meter: Meter): bigint {
  const rate = (variant ?? model).priceList.tiers[0]?.rates[meter];
  if (rate === undefined) return 0n;
  const exact = decimalOf(rate.usd);
  return (exact.digits * 10n ** BigInt(priceDecimals + 6 - exact.decimals)) / BigInt(rate.per);
}

const millisecondsOfDay = 86_400_000;

function ageDays({ model }: Listing, now: number): bigint {
  return BigInt(Math.max(0, Math.floor((now - releasedSeconds(model) * 1000) / millisecondsOfDay)));
}

type Order = (one: Listing, other: Listing) => number;

const byPrice: Order = (one, other) => compare(averagePrice(one), averagePrice(other));
const keep: Order = () => 0;

/** Models without a figure come last and keep their order; where nobody has one, that is all of them. */
const orders: Readonly<Record<string, Order>> = {
  newest: (one, other) => releasedSeconds(other.model) - releasedSeconds(one.model),
  'pricing-low-to-high': byPrice,
  'pricing-high-to-low': (one, other) => byPrice(other, one),
  'context-high-to-low': (one, other) => contextOf(other) - contextOf(one),
  'most-popular': keep,
  'top-weekly': keep,
  'throughput-high-to-low': keep,
  'latency-low-to-high': keep,
  'intelligence-high-to-low': keep,
  'coding-high-to-low': keep,
  'agentic-high-to-low': keep,
  'design-arena-elo-high-to-low': keep,
};

function sorted(listings: readonly Listing[], sort: string | undefined): readonly Listing[] {
  if (sort === undefined) return listings;
  const order = Object.hasOwn(orders, sort) ? orders[sort] : undefined;
  if (order === undefined) throw wrongQuery('sort', `"sort" must be one of ${Object.keys(orders).join(', ')}.`);
  return listings.toSorted(order);
}

function averagePrice(listing: Listing): bigint {
  return perMillion(listing, 'input-text') + perMillion(listing, 'output-text');
}

function contextOf({ model, variant }: Listing): number {
  return (variant ?? model).limits.context;
}

function compare(one: bigint, other: bigint): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
