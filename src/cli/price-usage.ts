import type { ModelEntry } from '../catalogue/catalogue.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { PriceList } from '../model/money.ts';
import type { Usage } from '../model/usage.ts';

/** The counts of `flashmux price`. Tokens, all of them inside `in` or `out`. */
export interface PriceCounts {
  readonly in: number;
  readonly out: number;
  readonly image?: number;
  readonly audio?: number;
  readonly video?: number;
  readonly cached?: number;
  readonly cacheWrite?: number;
  readonly cacheKind?: 'explicit' | 'implicit';
  readonly reasoning?: number;
  readonly audioOut?: number;
  readonly tool?: readonly ToolCount[];
}

export interface ToolCount {
  readonly name: string;
  readonly calls: number;
}

/**
 * The usage that the counts describe. Metering cuts parts that claim more than their total, because an answer must be settled
 * whatever its host said; a person who asks for a price has mistyped, so here they are refused (`invalid_request`).
 */
export function priceUsage(counts: PriceCounts, model: ModelEntry, list: PriceList): Usage {
  const { in: input, out: output, image, audio, video, cached, cacheWrite, cacheKind, reasoning, audioOut, tool = [] } = counts;
  refuseMedia(model, 'input', { image, audio, video });
  refuseMedia(model, 'output', { audio: audioOut });
  refuseExcess('--image, --audio and --video', [image, audio, video], '--in', input);
  refuseExcess('--cached and --cache-write', [cached, cacheWrite], '--in', input);
  refuseExcess('--reasoning and --audio-out', [reasoning, audioOut], '--out', output);
  return {
    input: {
      total: input,
      ...(image === undefined ? {} : { image }),
      ...(audio === undefined ? {} : { audio }),
      ...(video === undefined ? {} : { video }),
      ...(cached === undefined ? {} : { cacheRead: cached }),
      ...(cacheWrite === undefined ? {} : { cacheWrite }),
      ...(cacheKind === undefined ? {} : { cacheKind }),
    },
    output: {
      total: output,
      ...(reasoning === undefined ? {} : { reasoning }),
      ...(audioOut === undefined ? {} : { audio: audioOut }),
    },
    toolCalls: toolCalls(tool, list),
  };
}

function refuseMedia(
  { id, capabilities }: ModelEntry,
  side: 'input' | 'output',
  tokens: { readonly image?: number | undefined; readonly audio?: number | undefined; readonly video?: number | undefined },
): void {
  const known: readonly string[] = capabilities[side];
  for (const [medium, count] of Object.entries(tokens)) {
    if (count === undefined || known.includes(medium)) continue;
    throw new FlashmuxError('invalid_request', `${id} has no ${medium} ${side}; its ${side} is ${known.join(', ')}.`);
  }
}

function refuseExcess(names: string, parts: readonly (number | undefined)[], whole: string, total: number): void {
  const claimed = parts.reduce<number>((sum, part) => sum + (part ?? 0), 0);
  if (claimed > total) {
    throw new FlashmuxError('invalid_request', `${names} are parts of ${whole}: together ${claimed}, but ${whole} is ${total}.`);
  }
}

function toolCalls(tools: readonly ToolCount[], list: PriceList): Readonly<Record<string, number>> {
  const meters = new Set(list.tiers.flatMap(({ rates }) => Object.keys(rates)));
  const sold = [...meters].flatMap((meter) => (meter.startsWith('tool:') ? [meter.slice('tool:'.length)] : []));
  const calls: Record<string, number> = {};
  for (const { name, calls: count } of tools) {
    if (!sold.includes(name)) {
      const instead = sold.length === 0 ? 'it has no prices of tools' : `it has ${sold.join(', ')}`;
      throw new FlashmuxError('invalid_request', `The price list ${list.id} has no tool ${JSON.stringify(name)}; ${instead}.`);
    }
    calls[name] = (calls[name] ?? 0) + count;
  }
  return calls;
}
