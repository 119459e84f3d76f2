import type { Listing } from '../catalogue/catalogue.ts';
import type { JsonObject } from '../model/json.ts';
import { describePricing } from './openrouter/describe-pricing.ts';

/**
 * A model as the gateway's client reads it from `config`: each id has its owner before a slash, prices are dollars for one token as text, those
 * of short requests. The client refuses a list with another version of the specification than its own (3.0.232, 4.0.146).
 */
export function describeGatewayModel({ model, variant, providers }: Listing, version: 3 | 4): JsonObject {
  const id = variant?.id ?? gatewayId(model);
  const { prompt, completion, input_cache_read, input_cache_write } = describePricing((variant ?? model).priceList);
  return {
    id,
    name: model.name,
    description: model.description,
    pricing: {
      input: prompt ?? '0',
      output: completion ?? '0',
      ...(input_cache_read === undefined ? {} : { input_cache_read }),
      ...(input_cache_write === undefined ? {} : { input_cache_write }),
    },
    specification: { specificationVersion: `v${version}`, provider: providers[0] ?? model.owner, modelId: id },
    modelType: 'language',
  };
}

function gatewayId({ id, aliases, owner }: Listing['model']): string {
  return id.includes('/') ? id : (aliases.find((alias) => alias === `${owner}/${id}`) ?? id);
}
