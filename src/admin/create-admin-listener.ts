import { createHttpServer, type HttpServerOptions, type Listener } from '../http/http-server.ts';
import { Router } from '../http/router.ts';
import type { Visit } from '../http/route.ts';
import { accountHistoryRoutes } from './account-history-routes.ts';
import { accountRoutes } from './account-routes.ts';
import type { AdminDeps } from './admin-deps.ts';
import type { AdminRoute } from './admin-route.ts';
import { operatorCheck, type OperatorRules } from './check-operator.ts';
import { creditRoutes } from './credit-routes.ts';
import { inFieldNames } from './field-names.ts';
import { healthRoute } from './health-route.ts';
import { keyRoutes } from './key-routes.ts';
import { priceRoutes } from './price-routes.ts';
import { requestRoute } from './request-route.ts';
import { usageRoute } from './usage-route.ts';

export type AdminListenerDeps = HttpServerOptions & AdminDeps & OperatorRules;

/** No list of models or addresses is longer. */
const bodyBytes = 1024 * 1024;

/** The listener of the operator, apart from the one of callers: it moves money and makes keys, and no API key opens it. */
export function createAdminListener(deps: AdminListenerDeps): Listener {
  const router = new Router<AdminRoute>([
    ...accountRoutes(deps),
    ...accountHistoryRoutes(deps),
    ...creditRoutes(deps),
    ...keyRoutes(deps),
    ...priceRoutes(deps),
    usageRoute(deps),
    requestRoute(deps),
    healthRoute(deps),
  ]);
  return createHttpServer({
    ...deps,
    router,
    check: operatorCheck(deps),
    visit,
    limits: { ...deps.limits, bodyBytes },
  });
}

async function visit(route: AdminRoute, { incoming, parameters }: Visit): Promise<void> {
  try {
    await route.answer({ incoming, parameters });
  } catch (error) {
    throw inFieldNames(error);
  }
}
