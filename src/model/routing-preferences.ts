/**
 * What a caller wishes about who answers, in no protocol's words: OpenRouter's `provider` object and the AI SDK gateway's
 * `providerOptions.gateway` say the same. An absent field was not said. Providers are named as this server's configuration names them.
 */
export interface RoutingPreferences {
  /** Where in the request they stand, such as `provider`: notices begin with it. */
  readonly saidAt: string;
  /** Other models, in this order, where the named one cannot answer. */
  readonly models?: readonly string[];
  /** Providers to try first, in this order. */
  readonly order?: readonly string[];
  /** No others than these. */
  readonly only?: readonly string[];
  readonly ignore?: readonly string[];
  readonly sort?: RoutingSort;
  /** False: nobody but the first choice. */
  readonly allowFallbacks?: boolean;
  /** True: only hosts that know every parameter of the request. */
  readonly requireParameters?: boolean;
  /** `deny`: only hosts that do not keep prompts. */
  readonly dataCollection?: 'allow' | 'deny';
  /** True: only hosts that retain nothing at all. */
  readonly zeroDataRetention?: boolean;
  /** True: only hosts that do not train on prompts. */
  readonly noTraining?: boolean;
  readonly enforceDistillableText?: boolean;
  /** Only hosts in this region, as the configuration names it. */
  readonly region?: string;
  /** Number formats of the weights, such as `fp8`. */
  readonly quantizations?: readonly string[];
  readonly maxPrice?: MaxPrice;
  /** Slower ones move down the list. */
  readonly preferredMaxLatency?: Percentiles;
  /** Tokens a second; slower ones move down the list. */
  readonly preferredMinThroughput?: Percentiles;
  /** By provider: milliseconds until its first event, then the next one is tried. */
  readonly providerTimeoutsMs?: Readonly<Record<string, number>>;
  /** By provider: the caller's own keys there, tried before those of this server. Never logged, never kept. */
  readonly ownKeys?: Readonly<Record<string, readonly string[]>>;
}

/** What matters most. `exacto` is OpenRouter's word for hosts that call tools reliably. */
export type RoutingSort = 'price' | 'throughput' | 'latency' | 'exacto';

/** Dollars as decimal text: for a million tokens of prompt and completion, for one of the others. */
export interface MaxPrice {
  readonly prompt?: string;
  readonly completion?: string;
  readonly image?: string;
  readonly audio?: string;
  readonly request?: string;
}

/** Seconds or tokens a second, by percentile. */
export interface Percentiles {
  readonly p50?: number;
  readonly p75?: number;
  readonly p90?: number;
  readonly p99?: number;
}
