import type { Meter } from '../model/money.ts';
import type { InputUsage, OutputUsage, Usage } from '../model/usage.ts';

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
  const media = [count(input.image), count(input.audio), count(input.video)];
  const cached = count(input.cacheRead) + count(input.cacheWrite);
  const parts = sum([count(input.text), ...media]);
  const total = input.total === undefined ? cap(Math.max(parts, cached)) : count(input.total);

  const image = Math.min(count(input.image), total);
  const audio = Math.min(count(input.audio), total - image);
  const video = Math.min(count(input.video), total - image - audio);
  const text = total - image - audio - video;
  const read = Math.min(count(input.cacheRead), total);
  const write = Math.min(count(input.cacheWrite), total - read);

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
  const kind = input.cacheKind ?? (count(input.cacheWrite) > 0 ? 'explicit' : cacheKind);
  return kind === 'explicit' ? 'cache-read-explicit' : 'cache-read-implicit';
}

function splitOutput(output: OutputUsage): readonly MeteredQuantity[] {
  const parts = sum([count(output.text), count(output.audio), count(output.reasoning)]);
  const total = output.total === undefined ? parts : count(output.total);
  const reasoning = Math.min(count(output.reasoning), total);
  const audio = Math.min(count(output.audio), total - reasoning);
  return [
    { meter: 'reasoning', quantity: reasoning },
    { meter: 'output-text', quantity: total - reasoning - audio },
    { meter: 'output-audio', quantity: audio },
  ];
}

function splitTools(toolCalls: Usage['toolCalls']): readonly MeteredQuantity[] {
  return Object.entries(toolCalls).map(([name, calls]) => ({ meter: `tool:${name}`, quantity: count(calls) }));
}

/** Lowers the quantities in their order until `tokens` are gone. */
function takeOut(quantities: readonly number[], tokens: number): readonly number[] {
  let left = tokens;
  return quantities.map((quantity) => {
    const taken = Math.min(quantity, left);
    left -= taken;
    return quantity - taken;
  });
}

/** The nearest count to what a host said; absent is 0. */
function count(told: number | undefined): number {
  if (told === undefined || !(told > 0)) return 0;
  return cap(Math.ceil(told));
}

function sum(counts: readonly number[]): number {
  return cap(counts.reduce((total, each) => total + each, 0));
}

function cap(quantity: number): number {
  return Math.min(quantity, Number.MAX_SAFE_INTEGER);
}
