import { describeGatewayModel } from './describe-gateway-model.ts';
import type { LookUpDeps } from './look-up-deps.ts';
import { isVisible, type ModelDeps } from './model-routes.ts';
import { readQuery } from './read-query.ts';
import { sendJson } from './reply.ts';
import type { KeyedRoute } from './route.ts';
import { readSpendQuery, spendParameters } from './spend-query.ts';
import { spendReport } from './spend-report.ts';

export type GatewayDeps = Pick<LookUpDeps, 'records'> & Pick<ModelDeps, 'models'>;

/** What the client of the AI SDK's gateway looks up beside its answers: `getAvailableModels` and `getSpendReport`. */
export function gatewayRoutes({ records, models }: GatewayDeps): readonly KeyedRoute[] {
  const configs = ([3, 4] as const).map((version): KeyedRoute => ({
    method: 'GET',
    path: `/v${version}/ai/config`,
    key: 'required',
    answer: ({ incoming, caller }) => {
      readQuery(incoming, []);
      const visible = models.list().filter(({ model }) => isVisible(models, model, caller));
      return sendJson(incoming, 200, { models: visible.map((listing) => describeGatewayModel(listing, version)) });
    },
  }));
  const report: KeyedRoute = {
    method: 'GET',
    path: '/v1/report',
    key: 'required',
    async answer({ incoming, caller }) {
      const asked = readSpendQuery(readQuery(incoming, spendParameters));
      await sendJson(incoming, 200, { results: [...(await spendReport(records, caller.accountId, asked))] });
    },
  };
  return [...configs, report];
}
