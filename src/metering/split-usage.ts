import type { Meter } from '../model/money.ts';
import type { InputUsage, OutputUsage, Usage } from '../model/usage.ts';
import { countOf, greater, lesser, sumOfCounts } from './count.ts';

export type CacheKind = 'explicit' | 'implicit';

export interface MeteredQuantity {
  readonly meter: Meter;
  readonly quantity: number;
}

/** A usage as quantities by meter. Every token stands in exactly one of them. */
export interface SplitUsage {
  /** All input tokens: they choose the tier. The `input` quantities add up to it. */
  readonly inputTokens: number;
  readonly input: readonly MeteredQuantity[];
  readonly output: readonly MeteredQuantity[];
  readonly tools: readonly MeteredQuantity[];
}

/**
 * Splits a usage into what each meter counts, in the order in which a bill shows it. The totals are the law: parts that claim
 * more than their total are cut, and what no part claims is text. Hosts do send nonsense (negative, fractional, absurdly large
 * numbers); it becomes the nearest count, because settling must never throw once an answer was given. `cacheKind` names the
 * cache of a usage that does not.
 */
export function splitUsage(usage: Usage, cacheKind: CacheKind): SplitUsage {
  const { total, quantities } = splitInput(usage.input, cacheKind);
  return { inputTokens: total, input: quantities, output: splitOutput(usage.output), tools: splitTools(usage.toolCalls) };
}

function splitInput(input: InputUsage, cacheKind: CacheKind): { total: number; quantities: readonly MeteredQuantity[] } {
  const media = [countOf(input.image), countOf(input.audio), countOf(input.video)];
  const cached = sumOfCounts([countOf(input.cacheRead), countOf(input.cacheWrite)]);
  const parts = sumOfCounts([countOf(input.text), ...media]);
  const total = input.total === undefined ? greater(parts, cached) : countOf(input.total);

  const image = lesser(countOf(input.image), total);
  const audio = lesser(countOf(input.audio), total - image);
  const video = lesser(countOf(input.video), total - image - audio);
  const text = total - image - audio - video;
  const read = lesser(countOf(input.cacheRead), total);
  const write = lesser(countOf(input.cacheWrite), total - read);

  // Hosts do not tell which medium the cached tokens were. Prompts begin with text, so they are taken out of text first.
  const [freshText = 0, freshImage = 0, freshVideo = 0, freshAudio = 0] = takeOut([text, image, video, audio], read + write);
  return {
    total,
    quantities: [
      { meter: 'input-text', quantity: freshText },
      { meter: 'input-image', quantity: freshImage },
      { meter: 'input-audio', quantity: freshAudio },
      { meter: 'input-video', quantity: freshVideo },
      { meter: readMeter(input, cacheKind), quantity: read },
      { meter: 'cache-write', quantity: write },
    ],
  };
}

/** A host that wrote a cache entry was asked to: only explicit caches are written for a price. */
function readMeter(input: InputUsage, cacheKind: CacheKind): Meter {
  const kind = input.cacheKind ?? (countOf(input.cacheWrite) > 0 ? 'explicit' : cacheKind);
  return kind === 'explicit' ? 'cache-read-explicit' : 'cache-read-implicit';
}

function splitOutput(output: OutputUsage): readonly MeteredQuantity[] {
  const parts = sumOfCounts([countOf(output.text), countOf(output.audio), countOf(output.reasoning)]);
  const total = output.total === undefined ? parts : countOf(output.total);
  const reasoning = lesser(countOf(output.reasoning), total);
  const audio = lesser(countOf(output.audio), total - reasoning);
  return [
    { meter: 'reasoning', quantity: reasoning },
    { meter: 'output-text', quantity: total - reasoning - audio },
    { meter: 'output-audio', quantity: audio },
  ];
}

function splitTools(toolCalls: Usage['toolCalls']): readonly MeteredQuantity[] {
  return Object.entries(toolCalls).map(([name, calls]) => ({ meter: `tool:${name}`, quantity: countOf(calls) }));
}

/** Lowers the quantities in their order until `tokens` are gone. */
function takeOut(quantities: readonly number[], tokens: number): readonly number[] {
  let left = tokens;
  return quantities.map((quantity) => {
    const taken = lesser(quantity, left);
    left -= taken;
    return quantity - taken;
  });
}
