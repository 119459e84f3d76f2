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
}

/** One planned try, in the order in which they are tried. */
export interface PlannedAttempt {
  readonly provider: string;
  readonly upstreamModel: string;
  /** The request as this host gets it, its model still the caller's. */
  readonly request: GenerateRequest;
  /** The model that answers, by its catalogue id. */
  readonly answeringModel: string;
  readonly priceList: PriceList;
  readonly notices: readonly Notice[];
}
