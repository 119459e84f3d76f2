import type { Capabilities } from '../model/capability.ts';
import type { PriceList } from '../model/money.ts';
import type { ModelLimits } from './catalogue.ts';

/** One place that serves a model, as callers may see it: what it can do, what it costs, and how it does at the moment. */
export interface EndpointView {
  /** Name of the configured provider. */
  readonly provider: string;
  readonly region?: string;
  /** Catalogue id of the model that answers there: another than the named one where that stands in. */
  readonly model: string;
  readonly capabilities: Capabilities;
  readonly limits: ModelLimits;
  /** What everybody pays. */
  readonly priceList: PriceList;
  /** Parameters of the chat wire that it does not have. */
  readonly missingParameters: readonly string[];
  /** Number format of the weights, such as `fp8`. */
  readonly quantization?: string;
  /** Absent: nobody said. */
  readonly privacy?: HostPrivacy;
  /** False: it would answer `model_not_ready` now. */
  readonly ready: boolean;
  readonly circuit: EndpointCircuit;
  readonly figures: EndpointFigures;
}

/** What a place says of the prompts that it gets. */
export interface HostPrivacy {
  /** True: it does not keep prompts beyond the answer for uses of its own. */
  readonly keepsNoData: boolean;
  /** True: it retains nothing at all. */
  readonly retainsNothing: boolean;
  /** True: it does not train on prompts. */
  readonly trainsOnNothing: boolean;
}

/** Whether it is asked: `open` after failures, `half-open` while one call finds out, `resting` where it asked to be left alone. */
export interface EndpointCircuit {
  readonly state: 'closed' | 'open' | 'half-open' | 'resting';
  /** Seconds until it is asked again, where it is not asked now. */
  readonly askedAgainInSeconds?: number;
}

/** From this server's own traffic since it started. An absent figure: there were too few calls to tell. */
export interface EndpointFigures {
  /** Milliseconds to the first token, over 30 minutes. */
  readonly latencyMs?: Quantiles;
  /** Tokens a second after the first one, over 30 minutes. */
  readonly throughput?: Quantiles;
  /** Successes among successes and failures, 0 to 1. Calls that came too often (429) are neither. */
  readonly uptime: { readonly last5Minutes?: number; readonly last30Minutes?: number; readonly lastDay?: number };
}

/** Half of the values are at most `p50`, and so on. */
export interface Quantiles {
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p99: number;
}
