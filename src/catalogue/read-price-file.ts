import type { z } from 'zod';
import type { PriceList } from '../model/money.ts';
import { buildPriceList, type WrittenPrices } from './build-price-list.ts';
import type { Catalogue, Parameter } from './catalogue.ts';
import { closestIds } from './closest-ids.ts';
import { means, type MarkUp } from './mark-up.ts';
import { createPriceBook, type PriceBook, type PriceVersion } from './price-book.ts';
import { priceFile, type MarkUpRow, type PriceRow, type TierRow } from './price-file.ts';

/** One mistake of a price file: where it stands, and what would be right. */
export interface PriceFileProblem {
  readonly path: readonly string[];
  readonly message: string;
}

export type PriceFileReading =
  | { readonly kind: 'good'; readonly book: PriceBook }
  | { readonly kind: 'bad'; readonly problems: readonly PriceFileProblem[] };

/**
 * Reads an operator's price file whole: one mistake, and none of it counts, because half of a price change is a wrong price.
 * `known` tells which models there are; a row for another one is a mistake, since its prices would never be charged.
 */
export function readPriceFile(value: unknown, known: Pick<Catalogue, 'find' | 'list'>): PriceFileReading {
  const parsed = priceFile.safeParse(value, { error: plainly });
  if (!parsed.success) return { kind: 'bad', problems: parsed.error.issues.map(problemOf) };

  const problems: PriceFileProblem[] = [];
  const versions: PriceVersion[] = [];
  for (const [index, row] of parsed.data.prices.entries()) {
    const report = (at: readonly string[], message: string): void => {
      problems.push({ path: ['prices', String(index), ...at], message });
    };
    const sold = soldAs(row.model, known);
    if (sold === undefined) {
      report(['model'], noModel(row.model, known));
      continue;
    }
    const version = { id: sold.id, fromMs: Date.parse(row.from), priceList: priceListOf(sold.id, row, report) };
    if (versions.some(({ id, fromMs }) => id === version.id && fromMs === version.fromMs))
      report(['from'], `${sold.id} has a row from this time already; give each its own`);
    checkTiers(row, report);
    checkTools(row, sold, report);
    versions.push(version);
  }
  const markUps = readMarkUps(parsed.data.mark_ups ?? [], known, (at, message) => {
    problems.push({ path: ['mark_ups', ...at], message });
  });
  return problems.length > 0 ? { kind: 'bad', problems } : { kind: 'good', book: createPriceBook(versions, markUps) };
}

/** The rules with their models under canonical ids. */
function readMarkUps(rows: readonly MarkUpRow[], known: Pick<Catalogue, 'find' | 'list'>, report: Report): readonly MarkUp[] {
  const ids = known.list().flatMap((model) => [model.id, ...model.variants.map((variant) => variant.id)]);
  const rules: MarkUp[] = [];
  for (const [index, { account, model: named, percent }] of rows.entries()) {
    const at = [String(index), 'model'];
    const model = soldAs(named, known)?.id ?? named;
    if (!ids.some((id) => means(model, id)))
      report(at, named.endsWith('*') ? `no model here begins with ${JSON.stringify(named.slice(0, -1))}` : noModel(named, known));
    if (rules.some((rule) => rule.model === model && rule.account === account))
      report(at, `${named} has a rule${account === undefined ? '' : ` for ${account}`} already; leave out one of them`);
    rules.push({ model, percent, ...(account === undefined ? {} : { account }) });
  }
  return rules;
}

type Report = (at: readonly string[], message: string) => void;

/** Words for what a schema alone cannot say well. */
function plainly({ code, input, expected }: z.core.$ZodRawIssue): string | undefined {
  if (code !== 'invalid_type') return undefined;
  return input === undefined ? `is missing; a ${String(expected)} is expected` : `must be a ${String(expected)}`;
}

function problemOf(issue: z.core.$ZodIssue): PriceFileProblem {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  return { path: [...issue.path.map(String), ...unknown], message: issue.message };
}

interface Sold {
  /** Canonical, with the variant. */
  readonly id: string;
  readonly parameters: readonly Parameter[];
}

function soldAs(id: string, known: Pick<Catalogue, 'find'>): Sold | undefined {
  const found = known.find(id);
  if (found === undefined) return undefined;
  const { id: canonical, parameters } = found.variant ?? found.model;
  return { id: canonical, parameters };
}

function noModel(id: string, known: Pick<Catalogue, 'list'>): string {
  const names = known.list().flatMap((model) => [model.id, ...model.aliases, ...model.variants.map((variant) => variant.id)]);
  const close = closestIds(id, names, 1).map((name) => `; did you mean ${JSON.stringify(name)}?`);
  return `there is no model ${JSON.stringify(id)} here${close.join('')}`;
}

/** Choosing a tier walks the list upwards; only the last may be open. */
function checkTiers(row: PriceRow, report: Report): void {
  const { tiers, free, per_call: perCall, per_request: perRequest, batch, batch_cache_discounts: cacheDiscounts } = row;
  if (free === undefined && tiers === undefined) report([], 'has no prices; give it tiers, or free: true');
  if (free === true && (tiers ?? perCall ?? perRequest ?? batch) !== undefined)
    report(['free'], 'stands beside prices; leave out one of them');
  if (cacheDiscounts !== undefined && batch === undefined)
    report(['batch_cache_discounts'], 'says something about a batch that has no price; give it batch, such as "50%"');
  let below = 0;
  for (const [index, { max_input_tokens: end }] of (tiers ?? []).entries()) {
    const at = ['tiers', String(index), ...(end === undefined ? [] : ['max_input_tokens'])];
    const isLast = index === (tiers ?? []).length - 1;
    if (end === undefined && !isLast) report(at, 'has no max_input_tokens; only the last tier may go without');
    if (end !== undefined && end <= below) report(at, `must be above ${below}, the end of the tier before`);
    below = end ?? below;
  }
}

/** A tool without a price would be called for nothing, and a price without its tool is a slip of the pen. */
function checkTools({ free, per_call: perCall = {} }: PriceRow, { id, parameters }: Sold, report: Report): void {
  const tools = parameters.flatMap(({ name }) =>
    name.startsWith('tool_') && name !== 'tool_choice' ? [name.slice('tool_'.length)] : [],
  );
  for (const name of Object.keys(perCall)) {
    if (tools.includes(name)) continue;
    const instead = tools.length === 0 ? 'it has none' : `it has ${tools.join(', ')}`;
    report(['per_call', name], `is no server-side tool of ${id}; ${instead}`);
  }
  const unpriced = free === true ? [] : tools.filter((name) => !(name in perCall));
  if (unpriced.length > 0)
    report(['per_call'], `has no price of ${unpriced.join(', ')}; write "0" for a tool that ${id} gives away`);
}

function priceListOf(id: string, row: PriceRow, report: Report): PriceList {
  const { from, tiers, per_call: perCall, per_request: perRequest, rounding, batch, converted } = row;
  const free = [{ per_million_tokens: { 'input-text': '0', 'output-text': '0' } }];
  const written: WrittenPrices = {
    id: `${id}/operator@${from}`,
    from,
    tiers: (tiers ?? free).map((tier: TierRow) => ({ maxInputTokens: tier.max_input_tokens, prices: tier.per_million_tokens })),
    perCall,
    perRequest,
    rounding,
    batch: batch === undefined ? undefined : { factor: batch, cacheDiscounts: row.batch_cache_discounts ?? true },
    converted,
  };
  return buildPriceList(written, (tier, meter, service, share) => {
    const which = service === 'batch' ? `in a batch, ${share} of its price,` : `, ${share} of input-text,`;
    report(['tiers', String(tier), 'per_million_tokens', meter], `${which} needs more than 12 digits behind the point`);
  });
}
