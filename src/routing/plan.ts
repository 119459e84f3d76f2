import type { ModelLimits } from '../catalogue/catalogue.ts';
import type { HostPrivacy } from '../catalogue/endpoint-view.ts';
import type { Capabilities } from '../model/capability.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { PriceList } from '../model/money.ts';
import type { Notice } from '../model/notice.ts';

/** One configured place that serves a model. */
export interface Host {
  /** Name of the configured provider. */
  readonly provider: string;
  /** Catalogue id that it serves, with the variant where it serves just that (`qwen3-5-flash:variant1`). */
  readonly model: string;
  /** The host's own id of the model. */
  readonly upstreamModel: string;
  /** What is known of this place in particular; what is not said is as the catalogue says of the model. */
  readonly traits?: HostTraits;
}

/** How one place differs from what the catalogue says of the model. An absent field was not said. */
export interface HostTraits {
  readonly region?: string;
  readonly capabilities?: Capabilities;
  readonly limits?: Partial<ModelLimits>;
  /** Parameters of the chat wire that it does not have. */
  readonly missingParameters?: readonly string[];
  /** What callers pay where this place answers. Absent: the price of the model. */
  readonly priceList?: PriceList;
  /** Number format of the weights, such as `fp8`. */
  readonly quantization?: string;
  /** What it says of the prompts that it gets. Nobody's word counts as no: a wish for privacy passes such a place over. */
  readonly privacy?: HostPrivacy;
  /** How much of the traffic it is to get beside the others, from 0; 1 where nothing is said. 0: only where no other is left. */
  readonly weight?: number;
}

/** One planned try, in the order in which they are tried. */
export interface PlannedAttempt {
  readonly provider: string;
  readonly upstreamModel: string;
  /** Under which its live figures are kept: provider, upstream model, and region where there are several. */
  readonly hostId: string;
  /** The request as this host gets it, its model still the caller's. */
  readonly request: GenerateRequest;
  /** The model that answers, by its catalogue id. */
  readonly answeringModel: string;
  /** Of that model at this host; the hold is made from them. */
  readonly limits: ModelLimits;
  readonly priceList: PriceList;
  readonly notices: readonly Notice[];
  /** A key of the caller's own, with which the host is asked; what it charges is between the two of them. */
  readonly ownKey?: string;
  /** Milliseconds to wait for the first event of this host, where that is less than usual. */
  readonly firstEventMs?: number;
  /** Beginnings of the conversation, as digests, under which the host is remembered that has them in its cache. */
  readonly beginnings?: readonly string[];
}
