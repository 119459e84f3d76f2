import type { PriceReading } from '../admin/admin-deps.ts';
import { createAdminListener } from '../admin/create-admin-listener.ts';
import type { RateLimiter } from '../access/rate-limiter.ts';
import { parameterSchema } from '../catalogue/parameter-schema.ts';
import type { Config } from '../config/schema.ts';
import { aiGatewayDialect } from '../dialects/ai-gateway/ai-gateway-dialect.ts';
import { anthropicMessagesDialect } from '../dialects/anthropic-messages/anthropic-messages-dialect.ts';
import { openaiChatDialect } from '../dialects/openai-chat/openai-chat-dialect.ts';
import { openaiCompletionsDialect } from '../dialects/openai-completions/openai-completions-dialect.ts';
import { openaiResponsesDialect } from '../dialects/openai-responses/openai-responses-dialect.ts';
import { openrouterCompletionsDialect } from '../dialects/openrouter/openrouter-completions-dialect.ts';
import { openrouterDialect } from '../dialects/openrouter/openrouter-dialect.ts';
import { segmindDialects } from '../dialects/segmind/segmind-dialect.ts';
import type { Serve } from '../exchange/call.ts';
import type { CountInput } from '../exchange/count-input.ts';
import { eachPrompt } from '../exchange/each-prompt.ts';
import type { Embed } from '../exchange/embed.ts';
import type { Readiness } from '../http/health-routes.ts';
import type { Listener } from '../http/http-server.ts';
import { createListener } from '../http/listener.ts';
import { documentationRoutes } from '../openapi/documentation-routes.ts';
import type { Routing } from '../routing/routing.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { systemClock } from '../telemetry/clock.ts';
import { newId } from '../telemetry/ids.ts';
import type { Log } from '../telemetry/log.ts';
import type { PricedCatalogue } from './build-catalogue.ts';
import { httpLimits } from './from-config.ts';
import type { Home } from './open-home.ts';

export interface ListenerParts {
  readonly config: Config;
  readonly log: Log;
  readonly version: string;
  readonly home: Home;
  readonly priced: PricedCatalogue;
  readonly routing: Routing;
  readonly limiter: RateLimiter;
  readonly serve: Serve;
  readonly embed: Embed;
  readonly countInput: CountInput;
  readonly sessions: Sessions;
  readonly readiness: () => Readiness;
  readonly readPrices: () => PriceReading;
  /** Requests that run or wait. */
  readonly inFlight: () => number;
}

/** The listener of the callers. */
export function buildListener(parts: ListenerParts): Listener {
  const { config, home, routing, limiter, serve, embed, countInput, sessions, version } = parts;
  const common = shared(parts);
  return createListener({
    ...common,
    host: config.server.host,
    port: config.server.port,
    serve: eachPrompt(serve, newId),
    embed,
    countInput,
    sessions,
    access: home.access,
    creditUnit: config.credits.unit,
    creditsPerUsd: BigInt(config.credits.per_usd),
    keepIdempotencyMs: config.credits.idempotency_hours * 3_600_000,
    records: home.ledger,
    models: { list: () => routing.listings(), find: (id) => routing.listing(id), endpoints: (id) => routing.endpoints(id) },
    parameterSchema,
    limits: httpLimits(config),
    trustedProxies: config.server.trusted_proxies,
    limiter,
    documentation: (routes) => documentationRoutes({ routes, dialects: common.dialects, version }),
  });
}

const usualAdminPort = 4401;

/** The listener of the operator; undefined where the configuration switches it off. */
export function buildAdminListener(parts: ListenerParts): Listener | undefined {
  const { home, priced, readPrices, inFlight } = parts;
  const { admin, server } = parts.config;
  if (!admin.enabled) return undefined;
  return createAdminListener({
    ...shared(parts),
    host: admin.host,
    // Who takes any port for callers runs several servers, or tests: neither wants them to meet at the other port.
    port: admin.port ?? (server.port === 0 ? 0 : usualAdminPort),
    names: admin.names,
    ledger: home.ledger,
    catalogue: priced.catalogue,
    prices: { markUps: priced.markUps, read: readPrices },
    inFlight,
    ...(admin.token === undefined ? {} : { token: admin.token }),
  });
}

/** Paths that belong to none are answered like those of the first. */
const dialects = [
  openaiChatDialect,
  openaiCompletionsDialect,
  anthropicMessagesDialect,
  openaiResponsesDialect,
  openrouterDialect,
  openrouterCompletionsDialect,
  aiGatewayDialect(3),
  aiGatewayDialect(4),
] as const;

function shared({ home, priced, readiness, version, log }: ListenerParts) {
  // Segmind's paths are ids of models.
  const ids = priced.catalogue.list().flatMap(({ id, aliases }) => [id, ...aliases]);
  return {
    dialects: [...dialects, ...segmindDialects(ids)],
    keys: home.access,
    readiness,
    version,
    log,
    clock: systemClock,
    newId,
  } as const;
}
