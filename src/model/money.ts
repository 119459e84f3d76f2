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
  /** The same tiers at the prices of a batch. Absent: a batch costs what a single request costs. */
  readonly batchTiers?: readonly Tier[];
  readonly rounding: Rounding;
  /** Set where the figures were published in another currency. */
  readonly converted?: Conversion;
}

/** Where a bill is rounded, always upward to a multiple of the quantum: each line by itself, or the sum once. */
export interface Rounding {
  readonly quantum: NanoUsd;
  readonly per: 'line' | 'request';
}

/** Where the dollars of a list come from. Nothing is computed from it: the rates are dollars already. */
export interface Conversion {
  /** ISO 4217 code of the currency, such as `CNY`. */
  readonly from: string;
  /** Dollars for one unit of it, as decimal text. */
  readonly rate: string;
  /** ISO date of the rate. */
  readonly on: string;
}

/** What a request is sold as. Batches have a discount at some sellers. */
export type Service = 'standard' | 'batch';

export interface ChargeLine {
  readonly meter: Meter;
  readonly quantity: number;
  readonly rate: Rate;
  readonly amount: NanoUsd;
  /** True where the quantity was counted here because the host did not tell. */
  readonly estimated?: boolean;
}
