import type { Capabilities } from '../model/capability.ts';
import type { JsonObject } from '../model/json.ts';
import type { Meter, PriceList } from '../model/money.ts';
import type { Notice } from '../model/notice.ts';
import type { GenerateRequest } from '../model/request.ts';

/** One model as callers see it. Everything in it is data; no code knows a model by name. */
export interface ModelEntry {
  /** Canonical id, such as `qwen3.5-flash`. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Other ids that mean this model, prefixed ones included (`alibaba/qwen3.5-flash`). */
  readonly aliases: readonly string[];
  readonly owner: string;
  /** ISO date. */
  readonly released?: string;
  readonly capabilities: Capabilities;
  readonly limits: ModelLimits;
  readonly parameters: readonly Parameter[];
  readonly thinkingDefault: boolean;
  /** What this server charges unless the caller names a variant: the operator's own list, or else the first of the offers. */
  readonly priceList: PriceList;
  /** What each seller asks in each region, as far as a source names it. */
  readonly offers?: readonly PriceOffer[];
  readonly variants: readonly Variant[];
  /** Where each figure was seen. */
  readonly sources: readonly string[];
  /** Set on a model that is offered only to have something to run: shown wherever the model is shown. */
  readonly standInNote?: string;
  /** A family whose local models may answer for this one while no configured host really has it. */
  readonly standInFamily?: string;
  /** The families for which this model, running in this server, may stand in. */
  readonly standsInFor?: readonly string[];
  /** ISO date from which its maker no longer serves it. */
  readonly retired?: string;
}

/** One published price list of a model. */
export interface PriceOffer {
  readonly id: string;
  readonly seller: string;
  readonly region?: string;
  readonly priceList: PriceList;
  /** The prices before a lasting reduction, as dollars for a million units; one entry a tier. */
  readonly was?: readonly Readonly<Partial<Record<Meter, string>>>[];
  /** Where the figures were seen, exceptions by meter after the general source. */
  readonly sources: readonly string[];
}

/** `id:variant`, with its own prices, parameters and limits where they differ from the model's. */
export interface Variant {
  /** Canonical id, such as `qwen3.5-flash:variant1`; the part after the colon also follows every alias of the model. */
  readonly id: string;
  readonly region?: string;
  readonly limits: ModelLimits;
  readonly parameters: readonly Parameter[];
  readonly priceList: PriceList;
}

/** Tokens. */
export interface ModelLimits {
  /** True: nobody said them, so nothing is refused because of them, and no hold relies on them. */
  readonly isAssumed?: boolean;
  readonly context: number;
  readonly input?: number;
  readonly output: number;
  readonly thinking?: number;
}

/** One request parameter of a model: the source of its JSON Schema, of range checks and of defaults. */
export interface Parameter {
  /** Wire name on the chat dialect. */
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the value: type, minimum, maximum, enum, default. */
  readonly schema: JsonObject;
}

/** A request that the catalogue knows how to serve: model found, ranges checked, defaults filled in, prices fixed. */
export interface Order {
  readonly request: GenerateRequest;
  readonly model: ModelEntry;
  readonly variant?: Variant;
  readonly limits: ModelLimits;
  readonly priceList: PriceList;
  /** Whose prices these are; absent: everybody's. */
  readonly accountId?: string;
  readonly notices: readonly Notice[];
}

/** A model or a variant, as it is sold. */
export interface Sold extends Pick<ModelEntry, 'id' | 'priceList'> {
  /** What the place asks that answers, where that is another price than the model's. The operator's own price wins. */
  readonly hostPriceList?: PriceList;
}

export interface Catalogue {
  /** By canonical id, alias, or `id:variant`. */
  find(id: string): { readonly model: ModelEntry; readonly variant?: Variant } | undefined;
  list(): readonly ModelEntry[];
  /**
   * Throws `unknown_model` (param `model`, with the closest ids named), `invalid_request` for a value out of its range, and
   * `unsupported_media` for a medium that the model does not take, each with its path. The account decides which of the
   * operator's mark-ups counts; without one, those for everybody.
   */
  resolve(request: GenerateRequest, accountId?: string): Order;
  /** What an account pays for it now, mark-up included; without an account, what everybody pays. */
  priceList(sold: Sold, accountId?: string): PriceList;
}

/** A model as `GET /v1/models` shows it: who answers for it right now. */
export interface Listing {
  readonly model: ModelEntry;
  /** Set where the id that was looked up names it. */
  readonly variant?: Variant;
  /** Set where another model answers in its place, because no configured host really has it. */
  readonly standIn?: { readonly model: string; readonly note: string };
  /** Names of the providers that would be asked, in their order. */
  readonly providers: readonly string[];
  /** False: a call would be answered with 503 `model_not_ready`. */
  readonly ready: boolean;
}
