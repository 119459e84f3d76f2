import type { Caller } from '../access/access.ts';
import type { Listing, ModelEntry, Variant } from '../catalogue/catalogue.ts';
import type { EndpointView } from '../catalogue/endpoint-view.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { JsonObject } from '../model/json.ts';
import { describeModel, modelFacts } from './describe-model.ts';
import { modelsPath } from './models-path.ts';
import { readQuery } from './read-query.ts';
import { sendJson } from './reply.ts';
import type { KeyedRoute } from './route.ts';

export interface ModelDeps {
  readonly models: {
    list(): readonly Listing[];
    /** By canonical id, alias, or `id:variant`. */
    find(id: string): Listing | undefined;
    /** Who serves it, by the same ids. */
    endpoints(id: string): readonly EndpointView[];
  };
  /** JSON Schema (2020-12) of the request body that the model takes. */
  readonly parameterSchema: (model: ModelEntry, variant?: Variant) => JsonObject;
}

/** `GET /v1/models` and `GET /v1/models/{id}`; a key that may call some models only sees those. */
export function modelRoutes({ models, parameterSchema }: ModelDeps): readonly KeyedRoute[] {
  return [
    {
      method: 'GET',
      path: modelsPath,
      key: 'required',
      answer: ({ incoming, caller }) => {
        const visible = models.list().filter(({ model }) => isVisible(models, model, caller));
        const { models: manners } = incoming.dialect;
        const list =
          manners === undefined
            ? { object: 'list', data: visible.map((listing) => describeModel(listing)) }
            : manners.writeList(visible.map(modelFacts), readQuery(incoming, manners.query));
        return sendJson(incoming, 200, list);
      },
    },
    {
      method: 'GET',
      // Ids hold slashes (`alibaba/qwen3.5-flash`), which clients send as they are or percent-encoded.
      path: `${modelsPath}/{id+}`,
      key: 'required',
      async answer({ incoming, parameters, caller }) {
        const id = parameters['id'] ?? '';
        const listing = models.find(id);
        if (listing === undefined || !isVisible(models, listing.model, caller)) {
          throw new FlashmuxError('unknown_model', `No model "${id.slice(0, 200)}". GET /v1/models lists them.`, {
            param: 'model',
          });
        }
        const { models: manners } = incoming.dialect;
        if (manners !== undefined) return sendJson(incoming, 200, manners.writeModel(modelFacts(listing)));
        const parametersSchema = parameterSchema(listing.model, listing.variant);
        return sendJson(incoming, 200, { ...describeModel(listing), parameters: parametersSchema });
      },
    },
  ];
}

/** A model is seen by a key that may call it, or any of its variants, by whichever id. */
export function isVisible(models: ModelDeps['models'], { id }: ModelEntry, { allowedModels }: Caller): boolean {
  return allowedModels === undefined || allowedModels.some((name) => models.find(name)?.model.id === id);
}
