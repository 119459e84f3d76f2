import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Catalogue, ModelEntry } from '../catalogue/catalogue.ts';
import { unknownModel } from '../catalogue/unknown-model.ts';
import { usdText } from '../ledger/amount.ts';
import { chargeLines } from '../metering/charge-lines.ts';
import { chooseTier, tiersOf } from '../metering/choose-tier.ts';
import type { Bill } from '../model/event.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { JsonObject } from '../model/json.ts';
import type { Conversion, PriceList, Service, Tier } from '../model/money.ts';
import { systemClock } from '../telemetry/clock.ts';
import { configOf, wantsJson, type Context } from './context.ts';
import { priceUsage, type PriceCounts, type ToolCount } from './price-usage.ts';
import { withLibrary } from './models-commands.ts';
import { table, type Terminal } from './terminal.ts';

export function addPriceCommand(program: Command, context: Context): void {
  program
    .command('price <model>')
    .description('what a request costs: its tier, each line and the total')
    .addOption(count('--in <n>', 'tokens of the whole input').makeOptionMandatory())
    .addOption(count('--out <n>', 'tokens of the whole output').default(0))
    .addOption(count('--image <n>', 'tokens of the input that are pictures'))
    .addOption(count('--audio <n>', 'tokens of the input that are sound'))
    .addOption(count('--video <n>', 'tokens of the input that are video'))
    .addOption(count('--cached <n>', 'tokens of the input that were read from a cache'))
    .addOption(count('--cache-write <n>', 'tokens of the input that were written to a cache'))
    .addOption(
      new Option('--cache-kind <kind>', 'which cache; without it, the one that the list sells').choices(['explicit', 'implicit']),
    )
    .addOption(count('--reasoning <n>', 'tokens of the output that are thinking'))
    .addOption(count('--audio-out <n>', 'tokens of the output that are speech'))
    .addOption(new Option('--tool <name=n>', 'calls of a server-side tool; may be repeated').argParser(addToolCount))
    .option('--batch', 'as part of a batch')
    .option('--seller <id>', "another of the model's offers than the one it is sold at here")
    .option('--account <id>', 'with the mark-up of this account')
    .addOption(new Option('--at <time>', 'the prices of this time, such as 2027-01-01T00:00:00Z').argParser(readTime))
    .action(async (id: string, flags: PriceFlags, command: Command) => {
      const { buildCatalogue } = await import('../main/build-catalogue.ts');
      const { config } = configOf(context, command);
      const atMs = flags.at ?? systemClock.now();
      await withLibrary(context, command, async (library) => {
        const { catalogue } = await buildCatalogue(config, library, () => atMs);
        const { model, name, list } = soldAs(catalogue, id, flags);
        const service = flags.batch === true ? 'batch' : 'standard';
        const bill = chargeLines(priceUsage(flags, model, list), list, service);
        const tiers = tiersOf(list, service);
        const quote: Quote = { name, list, service, tiers, tier: chooseTier(list, flags.in, service), bill };
        if (wantsJson(command)) context.terminal.out(JSON.stringify(quoteJson(quote)));
        else showQuote(quote, context.terminal);
      });
    });
}

interface PriceFlags extends PriceCounts {
  readonly batch?: true;
  readonly seller?: string;
  readonly account?: string;
  /** Unix ms. */
  readonly at?: number;
}

interface Quote {
  /** Canonical id, with the variant. */
  readonly name: string;
  readonly list: PriceList;
  readonly service: Service;
  readonly tiers: readonly Tier[];
  /** One of them. */
  readonly tier: Tier;
  readonly bill: Bill;
}

function count(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text: string) => readCount(text));
}

function readCount(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Write a whole number from 0, such as 300000.');
  return Number(text);
}

/** Unix ms. A day without a time is its beginning in UTC. */
function readTime(text: string): number {
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const atMs = isTime ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) throw new InvalidArgumentError('Write a time with its zone, such as 2027-01-01T00:00:00Z.');
  return atMs;
}

function addToolCount(text: string, before: readonly ToolCount[] | undefined): readonly ToolCount[] {
  const [, name, calls] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (name === undefined || calls === undefined) throw new InvalidArgumentError('Write a tool and its calls: web_search=3.');
  return [...(before ?? []), { name, calls: readCount(calls) }];
}

/** What an id is sold at: its own list with the mark-up of the account, or the plain one of the named offer. */
function soldAs(
  catalogue: Catalogue,
  id: string,
  { seller, account }: PriceFlags,
): { readonly model: ModelEntry; readonly name: string; readonly list: PriceList } {
  const found = catalogue.find(id);
  if (found === undefined) throw unknownModel(id, namesOf(catalogue));
  const { model, variant } = found;
  const name = variant?.id ?? model.id;
  if (seller === undefined) return { model, name, list: catalogue.priceList(variant ?? model, account) };
  if (variant !== undefined) {
    throw new FlashmuxError('invalid_request', `${name} is sold at one price; ask without --seller, or for ${model.id}.`);
  }
  const offers = model.offers ?? [];
  const offer = offers.find((known) => known.id === seller);
  if (offer === undefined) {
    const known = offers.length === 0 ? 'There is none' : `There are ${offers.map((each) => each.id).join(', ')}`;
    throw new FlashmuxError('invalid_request', `${name} has no offer ${JSON.stringify(seller)}. ${known}.`);
  }
  return { model, name, list: offer.priceList };
}

function namesOf(catalogue: Catalogue): readonly string[] {
  return catalogue.list().flatMap(({ id, aliases, variants }) => [id, ...aliases, ...variants.map((variant) => variant.id)]);
}

/** Dollars are decimal text everywhere: a reader that took them for floats would lose the nano-dollars. */
function quoteJson({ name, list, service, tiers, tier, bill }: Quote): JsonObject {
  const { id, from, converted } = list;
  return {
    model: name,
    price_list: { id, from, ...(converted === undefined ? {} : { converted: { ...converted } }) },
    service,
    tier: { number: tiers.indexOf(tier) + 1, of: tiers.length, max_input_tokens: tier.maxInputTokens ?? null },
    lines: bill.lines.map(({ meter, quantity, rate, amount }) => ({
      meter,
      quantity,
      rate: { usd: rate.usd, per: rate.per },
      amount_usd: usdText(amount).slice(1),
    })),
    total_usd: usdText(bill.total).slice(1),
    total_nano_usd: bill.total.toString(),
  };
}

function showQuote(quote: Quote, terminal: Terminal): void {
  const { name, list, bill } = quote;
  terminal.out(`${name} at ${list.id}, in force from ${list.from}`);
  if (list.converted !== undefined) terminal.out(conversionSentence(list.converted));
  if (quote.service === 'batch') terminal.out(batchSentence(list));
  terminal.out(tierSentence(quote));
  terminal.out('');
  const rows = bill.lines.map(({ meter, quantity, rate, amount }) => [
    meter,
    grouped(quantity),
    rate.per === 1 ? `$${rate.usd}` : `$${rate.usd} for ${grouped(rate.per)}`,
    usdText(amount),
  ]);
  for (const line of table(['meter', 'quantity', 'rate', 'amount'], [...rows, ['total', '', '', usdText(bill.total)]])) {
    terminal.out(line);
  }
}

function conversionSentence({ from, rate, on }: Conversion): string {
  return `converted from ${from} at $${rate} for one, the rate of ${on}`;
}

function batchSentence({ batchTiers }: PriceList): string {
  return batchTiers === undefined ? 'as part of a batch, which this list sells like single requests' : 'as part of a batch';
}

function tierSentence({ tiers, tier }: Quote): string {
  if (tiers.length === 1) return 'one price for inputs of every length';
  const end = tier.maxInputTokens === undefined ? 'without end' : `up to ${grouped(tier.maxInputTokens)} tokens in`;
  return `tier ${tiers.indexOf(tier) + 1} of ${tiers.length}: ${end}; it prices the whole request`;
}

function grouped(quantity: number): string {
  return quantity.toLocaleString('en-US');
}
