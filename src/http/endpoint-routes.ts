import { FlashmuxError } from '../model/fault.ts';
import { describeEndpoint } from './describe-endpoint.ts';
import { isVisible, type ModelDeps } from './model-routes.ts';
import { modelsPath } from './models-path.ts';
import { readQuery } from './read-query.ts';
import { sendJson } from './reply.ts';
import type { KeyedRoute, KeyedVisit } from './route.ts';

/**
 * `GET /v1/models/{id}/endpoints`: who serves a model, and how well at the moment. An id with a slash stands there as it is, or
 * percent-encoded, which any other needs that has more of them.
 */
export function endpointRoutes({ models }: Pick<ModelDeps, 'models'>): readonly KeyedRoute[] {
  const answer = async ({ incoming, caller }: KeyedVisit, id: string): Promise<void> => {
    readQuery(incoming, []);
    const listing = models.find(id);
    if (listing === undefined || !isVisible(models, listing.model, caller)) {
      throw new FlashmuxError('unknown_model', `No model "${id.slice(0, 200)}". GET /v1/models lists them.`, { param: 'model' });
    }
    const data = models.endpoints(id).map((view) => describeEndpoint(view));
    return sendJson(incoming, 200, { object: 'list', model: listing.variant?.id ?? listing.model.id, data });
  };
  return [
    {
      method: 'GET',
      path: `${modelsPath}/{id}/endpoints`,
      key: 'required',
      answer: (visit) => answer(visit, visit.parameters['id'] ?? ''),
    },
    {
      method: 'GET',
      path: `${modelsPath}/{author}/{slug}/endpoints`,
      key: 'required',
      answer: (visit) => answer(visit, `${visit.parameters['author']}/${visit.parameters['slug']}`),
    },
  ];
}
