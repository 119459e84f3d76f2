import type { Listing } from '../catalogue/catalogue.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { Json } from '../model/json.ts';
import { describeKey } from './credit-routes.ts';
import { ownAnswer } from './generation-route.ts';
import type { LookUpDeps } from './look-up-deps.ts';
import { isVisible, type ModelDeps } from './model-routes.ts';
import { describeEndpoints } from './openrouter/describe-endpoints.ts';
import { describeOpenrouterGeneration } from './openrouter/describe-openrouter-generation.ts';
import { describeOpenrouterKey } from './openrouter/describe-openrouter-key.ts';
import { describeOpenrouterModel } from './openrouter/describe-openrouter-model.ts';
import { pageOf } from './openrouter/page-of.ts';
import { modelParameters, selectModels } from './openrouter/select-models.ts';
import { readQuery } from './read-query.ts';
import { sendJson } from './reply.ts';
import type { KeyedRoute, KeyedVisit } from './route.ts';
import { usdNumber } from './usd-number.ts';

export type OpenrouterDeps = LookUpDeps & Pick<ModelDeps, 'models'>;

/** What OpenRouter's API tells beside its answers, for the key that asks. */
export function openrouterRoutes(deps: OpenrouterDeps): readonly KeyedRoute[] {
  return [...modelLists(deps), ...oneModel(deps), ...accountLookUps(deps)];
}

function modelLists({ models, clock }: OpenrouterDeps): readonly KeyedRoute[] {
  const select = ({ incoming, caller }: KeyedVisit) => {
    const query = readQuery(incoming, modelParameters);
    const visible = models.list().filter(({ model }) => isVisible(models, model, caller));
    return { query, selected: selectModels(withVariants(visible, models), query, clock.now()) };
  };
  // A key sees what it may call, so that the list of a user and the list of all are the same one.
  const lists = ['/api/v1/models', '/api/v1/models/user'].map((path) =>
    lookUp(path, async (visit) => {
      const { query, selected } = select(visit);
      const { items, next } = pageOf(selected, query, path);
      const data = items.map((listing) => describeOpenrouterModel(listing));
      return { data, links: { next }, total_count: selected.length };
    }),
  );
  return [...lists, lookUp('/api/v1/models/count', async (visit) => ({ data: { count: select(visit).selected.length } }))];
}

/** At OpenRouter each variant is a model of its own. */
function withVariants(listings: readonly Listing[], models: ModelDeps['models']): readonly Listing[] {
  return listings.flatMap((listing) => [listing, ...listing.model.variants.flatMap(({ id }) => models.find(id) ?? [])]);
}

function oneModel({ models }: OpenrouterDeps): readonly KeyedRoute[] {
  return [
    lookUp('/api/v1/model/{author}/{slug}', async (visit) => ({ data: describeOpenrouterModel(named(visit, models)) })),
    lookUp('/api/v1/models/{author}/{slug}/endpoints', async (visit) => ({
      data: describeEndpoints(named(visit, models), models),
    })),
  ];
}

/** The model of a path. One whose id has no author is found below its owner. Throws `unknown_model`. */
function named({ parameters, caller }: KeyedVisit, models: ModelDeps['models']): Listing {
  const { author = '', slug = '' } = parameters;
  const alone = models.find(slug);
  const listing = models.find(`${author}/${slug}`) ?? (alone?.model.owner === author ? alone : undefined);
  if (listing !== undefined && isVisible(models, listing.model, caller)) return listing;
  const id = `${author}/${slug}`.slice(0, 200);
  throw new FlashmuxError('unknown_model', `No model "${id}". GET /api/v1/models lists them.`, { param: 'model' });
}

function accountLookUps(deps: OpenrouterDeps): readonly KeyedRoute[] {
  return [
    lookUp('/api/v1/credits', async ({ incoming, caller }) => {
      readQuery(incoming, []);
      const { credits, debits } = await deps.records.account(caller.accountId);
      return { data: { total_credits: usdNumber(credits), total_usage: usdNumber(debits) } };
    }),
    lookUp('/api/v1/key', async ({ incoming, caller }) => {
      readQuery(incoming, []);
      const { key, fields } = await describeKey(caller, deps);
      return { data: { ...fields, ...describeOpenrouterKey(key) } };
    }),
    lookUp('/api/v1/generation', async ({ incoming, caller }) => {
      const { record, call } = await ownAnswer(incoming, caller, deps.records);
      return { data: describeOpenrouterGeneration(record, call) };
    }),
  ];
}

function lookUp(path: string, answer: (visit: KeyedVisit) => Promise<Readonly<Record<string, Json>>>): KeyedRoute {
  return {
    method: 'GET',
    path,
    key: 'required',
    answer: async (visit) => sendJson(visit.incoming, 200, await answer(visit)),
  };
}
