import type { Access } from '../access/access.ts';
import { AddressBlocks } from '../access/address-blocks.ts';
import { RateLimiter } from '../access/rate-limiter.ts';
import type { Serve } from '../exchange/call.ts';
import type { CountInput } from '../exchange/count-input.ts';
import type { Embed } from '../exchange/embed.ts';
import type { Clock } from '../model/ports.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { described } from './about/described.ts';
import { bugReporter } from './bug-reporter.ts';
import { countingRoutes } from './counting-routes.ts';
import { creditRoutes } from './credit-routes.ts';
import { embeddingRoutes } from './embeddings-route.ts';
import { generateRoutes } from './generate-route.ts';
import { gatewayRoutes } from './gateway-routes.ts';
import { generationRoute } from './generation-route.ts';
import { healthRoutes, type HealthDeps } from './health-routes.ts';
import { createHttpServer, type HttpServerOptions, type Listener } from './http-server.ts';
import { defaultHttpLimits } from './limits.ts';
import type { LookUpDeps } from './look-up-deps.ts';
import { endpointRoutes } from './endpoint-routes.ts';
import { modelRoutes, type ModelDeps } from './model-routes.ts';
import { openrouterRoutes } from './openrouter-routes.ts';
import { createResponseApi } from './responses/response-api.ts';
import type { OpenRoute, Route } from './route.ts';
import { Router } from './router.ts';
import { usageRoute } from './usage-route.ts';
import { visitRoute } from './visit-route.ts';

export interface ListenerDeps extends HttpServerOptions, HealthDeps, ModelDeps, LookUpDeps {
  readonly clock: Clock;
  readonly serve: Serve;
  /** Absent: nobody has vectors. */
  readonly embed?: Embed;
  /** Absent: nobody counts. */
  readonly countInput?: CountInput;
  /** What is kept of responses. Absent: their API is not offered. */
  readonly sessions?: Sessions;
  readonly access: Access;
  /** How long an idempotency key is remembered. */
  readonly keepIdempotencyMs: number;
  /** Addresses and CIDR blocks of proxies whose `x-forwarded-for` is believed. Absent: none. */
  readonly trustedProxies?: readonly string[];
  /** Shared by listeners that serve the same keys. Absent: one of its own. */
  readonly limiter?: RateLimiter;
  /** The routes that describe the others. Absent: there are none. */
  readonly documentation?: (routes: readonly Route[]) => readonly OpenRoute[];
}

/** The listener of the public APIs. */
export function createListener(deps: ListenerDeps): Listener {
  const limiter = deps.limiter ?? new RateLimiter();
  const trustedProxies = new AddressBlocks(deps.trustedProxies ?? []);
  const generateDeps = { ...deps, limiter, onBug: bugReporter(deps.log) };
  const limits = { ...defaultHttpLimits, ...deps.limits };
  const responses =
    deps.sessions === undefined
      ? undefined
      : createResponseApi({ ...generateDeps, sessions: deps.sessions, trustedProxies, limits });
  const routes: readonly Route[] = [
    ...deps.dialects.flatMap((dialect) => generateRoutes(dialect, generateDeps)),
    ...(deps.countInput === undefined ? [] : countingRoutes(deps.dialects, deps.countInput)),
    ...(deps.embed === undefined ? [] : embeddingRoutes({ ...generateDeps, embed: deps.embed })),
    ...(responses?.routes ?? []),
    ...modelRoutes(deps),
    ...endpointRoutes(deps),
    ...creditRoutes(deps),
    generationRoute(deps),
    usageRoute(deps),
    ...openrouterRoutes(deps),
    ...gatewayRoutes(deps),
    ...healthRoutes(deps),
  ].map(described);
  const router = new Router<Route>([...routes, ...(deps.documentation?.(routes) ?? [])]);
  return createHttpServer({
    ...deps,
    ...responses,
    router,
    visit: (route, visit) => visitRoute(route, visit, { ...deps, limiter, trustedProxies }),
  });
}
