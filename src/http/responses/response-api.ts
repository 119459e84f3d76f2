import type { Companion } from '../companion.ts';
import type { Upgrade } from '../http-server.ts';
import type { KeyedRoute } from '../route.ts';
import { BackgroundRuns } from './background-runs.ts';
import { compactRoute } from './compact-route.ts';
import { conversationRoutes } from './conversation-routes.ts';
import { inputTokensRoute } from './input-tokens-route.ts';
import { responseRoutes } from './response-routes.ts';
import { ResponseSockets, type SocketDeps } from './response-sockets.ts';

/** All of the Responses API that a listener offers. */
export interface ResponseApi {
  readonly routes: readonly KeyedRoute[];
  readonly companions: readonly Companion[];
  readonly upgrade: Upgrade;
}

export function createResponseApi(deps: SocketDeps): ResponseApi {
  const runs = new BackgroundRuns(deps);
  const sockets = new ResponseSockets(deps);
  return {
    routes: [
      ...responseRoutes(deps, runs),
      compactRoute(deps),
      ...(deps.countInput === undefined ? [] : [inputTokensRoute(deps, deps.countInput)]),
      ...conversationRoutes(deps.sessions),
    ],
    companions: [runs, sockets],
    upgrade: (request, connection, head) => sockets.accept(request, connection, head),
  };
}
