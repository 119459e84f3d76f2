import type { Listing, ModelEntry, ModelLimits, Parameter, Variant } from '../catalogue/catalogue.ts';
import type { ModelManners } from '../dialects/dialect.ts';
import type { Json, JsonObject } from '../model/json.ts';
import type { PriceList, Rate, Tier } from '../model/money.ts';

/**
 * A model as `/v1/models` shows it: OpenAI's Model object (id, object, created, owned_by), and beside it what a caller has to
 * know before the first call. With a variant, its own limits, parameters and prices stand in place of the model's.
 */
export function describeModel({ model, variant, standIn, ready }: Listing): JsonObject {
  const { limits, parameters, priceList } = variant ?? model;
  return {
    id: variant?.id ?? model.id,
    object: 'model',
    created: releasedSeconds(model),
    owned_by: model.owner,
    name: model.name,
    description: model.description,
    aliases: model.aliases,
    ...(variant?.region === undefined ? {} : { region: variant.region }),
    architecture: { input_modalities: model.capabilities.input, output_modalities: model.capabilities.output },
    features: model.capabilities.features,
    context_length: limits.context,
    top_provider: { context_length: limits.context, max_completion_tokens: limits.output },
    limits: describeLimits(limits),
    pricing: describePrices(priceList),
    thinking_default: model.thinkingDefault,
    supported_parameters: parameters.map(({ name }) => name),
    default_parameters: defaults(parameters),
    ...(variant === undefined ? { variants: model.variants.map((each) => describeVariant(each)) } : {}),
    ...(standIn === undefined ? {} : { stand_in: { model: standIn.model, note: standIn.note } }),
    ...(model.standInNote === undefined ? {} : { stand_in_note: model.standInNote }),
    ready,
  };
}

/** As much of a model as the dialects that have a form of their own for it tell. */
export function modelFacts({ model, variant }: Listing): ModelFacts {
  const { limits } = variant ?? model;
  return {
    id: variant?.id ?? model.id,
    displayName: model.name,
    createdAt: releasedSeconds(model),
    maxInputTokens: limits.input ?? limits.context,
    maxOutputTokens: limits.output,
  };
}

type ModelFacts = Parameters<ModelManners['writeModel']>[0];

/** Unix seconds, as OpenAI's `created`; 0 where the day of release is not known, because clients want a number. */
export function releasedSeconds({ released }: ModelEntry): number {
  const milliseconds = released === undefined ? Number.NaN : Date.parse(released);
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000);
}

function describeVariant(variant: Variant): JsonObject {
  return {
    id: variant.id,
    ...(variant.region === undefined ? {} : { region: variant.region }),
    context_length: variant.limits.context,
    limits: describeLimits(variant.limits),
    pricing: describePrices(variant.priceList),
  };
}

/** Tokens. */
export function describeLimits({ context, input, output, thinking }: ModelLimits): JsonObject {
  return {
    context,
    ...(input === undefined ? {} : { input }),
    output,
    ...(thinking === undefined ? {} : { thinking }),
  };
}

/** Prices as the decimal text of the price list: no dollar ever becomes a floating-point number. */
export function describePrices({ id, from, tiers, batchTiers, converted }: PriceList): JsonObject {
  return {
    currency: 'USD',
    price_list: id,
    from,
    ...(converted === undefined ? {} : { converted: { ...converted } }),
    // The prices of short requests, for a reader who wants one figure: dollars for a million tokens.
    ...perMillion('input', tiers[0]?.rates['input-text']),
    ...perMillion('output', tiers[0]?.rates['output-text']),
    // One tier prices a whole request, chosen by its input tokens.
    tiers: tiers.map((tier) => describeTier(tier)),
    ...(batchTiers === undefined ? {} : { batch_tiers: batchTiers.map((tier) => describeTier(tier)) }),
  };
}

function perMillion(name: string, rate: Rate | undefined): JsonObject {
  return rate?.per === 1_000_000 ? { [name]: rate.usd } : {};
}

function describeTier({ maxInputTokens, rates }: Tier): JsonObject {
  return {
    ...(maxInputTokens === undefined ? {} : { max_input_tokens: maxInputTokens }),
    rates: Object.fromEntries(Object.entries(rates).map(([meter, rate]) => [meter, describeRate(rate)])),
  };
}

/** Dollars for so many units. */
function describeRate(rate: Rate | undefined): JsonObject {
  return rate === undefined ? {} : { usd: rate.usd, per: rate.per };
}

function defaults(parameters: readonly Parameter[]): JsonObject {
  const named = parameters.flatMap(({ name, schema }): [string, Json][] => {
    const value = schema['default'];
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(named);
}
