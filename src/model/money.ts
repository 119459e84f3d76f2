/** Billionths of a US dollar. No `number` ever holds dollars. */
export type NanoUsd = bigint;

/** What is counted on a bill. The tool meters end in the tool's name. */
export type Meter =
  | 'input-text'
  | 'input-image'
  | 'input-audio'
  | 'input-video'
  | 'cache-read-explicit'
  | 'cache-read-implicit'
  | 'cache-write'
  | 'output-text'
  | 'output-audio'
  | 'reasoning'
  | 'request'
  | `tool:${string}`;

/** A price: `usd` dollars, as decimal text, for `per` units of the meter. */
export interface Rate {
  readonly usd: string;
  readonly per: number;
}

/** The prices of requests whose whole input is at most this many tokens. A tier prices every token of the request, in and out. */
export interface Tier {
  /** Tokens. Absent: no upper end. */
  readonly maxInputTokens?: number;
  readonly rates: Readonly<Partial<Record<Meter, Rate>>>;
}

/** One version of one model's prices. A request settles at the version that it was admitted under. */
export interface PriceList {
  readonly id: string;
  /** ISO date from which it holds. */
  readonly from: string;
  /** By rising `maxInputTokens`, never empty. */
  readonly tiers: readonly Tier[];
  /** Each line is rounded up to a multiple of this. */
  readonly lineQuantum: NanoUsd;
}

export interface ChargeLine {
  readonly meter: Meter;
  readonly quantity: number;
  readonly rate: Rate;
  readonly amount: NanoUsd;
  /** True where the quantity was counted here because the host did not tell. */
  readonly estimated?: boolean;
}
