import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Config } from '../config/schema.ts';
import type { LocalEngine, LocalEngineOptions } from '../engine/local-engine.ts';
import type { AdmissionLimits } from '../exchange/admission.ts';
import type { Readiness } from '../http/health-routes.ts';
import type { RetrySettings } from '../exchange/tries.ts';
import type { HttpLimits } from '../http/limits.ts';
import type { Deadlines, Provider } from '../model/ports.ts';
import type { Outgoing } from '../net/outgoing.ts';
import { createAnthropicMessages } from '../providers/anthropic-messages/create-anthropic-messages.ts';
import type { Abilities } from '../providers/guaranteed/abilities.ts';
import type { HttpHostOptions } from '../providers/http-host/host-sender.ts';
import { createKeyRing } from '../providers/key-ring.ts';
import { createOpenAiCompatible } from '../providers/openai-compatible/create-openai-compatible.ts';
import { soundAsWav } from '../providers/openai-compatible/sound-as-wav.ts';
import { createOpenAiResponses } from '../providers/openai-responses/create-openai-responses.ts';
import type { Quirks } from '../providers/quirks.ts';
import { createSegmind } from '../providers/segmind/create-segmind.ts';
import { defaultRoutingSettings, type RoutingSettings } from '../routing/settings.ts';
import type { SessionsOptions } from '../sessions/create-sessions.ts';
import { systemClock } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { resolveProvider, type ResolvedProvider } from './resolve-provider.ts';

/** Settings in the words of the parts that they are for. */
export function admissionLimits({ limits }: Config): AdmissionLimits {
  return {
    maxInFlight: limits.max_in_flight,
    maxInFlightPerKey: limits.max_in_flight_per_key,
    maxQueued: limits.max_queued,
    maxQueueMs: limits.max_queue_ms,
  };
}

export function deadlines({ limits }: Config): Deadlines {
  return { firstEventMs: limits.first_event_ms, idleMs: limits.idle_ms, totalMs: limits.total_ms };
}

export function retries({ routing }: Config): RetrySettings {
  const { tries_per_host: triesPerHost, retry_budget_ms: budgetMs, retry_pause_ms: firstPauseMs } = routing;
  return { triesPerHost, budgetMs, firstPauseMs, longestPauseMs: Math.max(firstPauseMs, longestRetryPauseMs) };
}

const longestRetryPauseMs = 2_000;

export function routingOf({ routing }: Config): Partial<RoutingSettings> {
  const { strategy, strategies, exploration: share, silent_after_ms: silentAfterMs } = routing;
  const { exploration, circuit } = defaultRoutingSettings;
  const { open_after_failures: failuresInRow, open_ms: firstOpenMs, longest_open_ms: longestOpenMs } = routing;
  return {
    strategy,
    strategies,
    silentAfterMs,
    exploration: { ...exploration, share },
    circuit: { ...circuit, failuresInRow, firstOpenMs, longestOpenMs: Math.max(firstOpenMs, longestOpenMs) },
  };
}

export function httpLimits({ server }: Config): Partial<HttpLimits> {
  return { bodyBytes: server.max_body_bytes, heartbeatMs: server.heartbeat_ms, stallMs: server.stalled_reader_ms };
}

type EngineSettings = Pick<
  LocalEngineOptions,
  'contextTokens' | 'parallel' | 'threads' | 'gpu' | 'pinnedBytes' | 'pinLeastTokens'
>;

export function engineOptions({ engine }: Config): EngineSettings {
  return {
    parallel: engine.parallel,
    gpu: engine.gpu === 'auto' ? 'auto' : false,
    ...(engine.context_tokens === undefined ? {} : { contextTokens: engine.context_tokens }),
    ...(engine.threads === undefined ? {} : { threads: engine.threads }),
    ...(engine.cache_mb === undefined ? {} : { pinnedBytes: engine.cache_mb * 2 ** 20 }),
    pinLeastTokens: engine.cache_least_tokens,
  };
}

export function sessionSettings({ responses }: Config): Pick<SessionsOptions, 'keepMs' | 'keepsUnasked'> {
  return { keepMs: responses.keep_days * 86_400_000, keepsUnasked: responses.store_by_default };
}

/** Makes a provider behave as every other one, whatever its host holds by itself. */
export type Guarantee = (provider: Provider, abilities: Abilities) => Provider;

export interface ProviderParts {
  readonly guarantee: Guarantee;
  readonly catalogue: Pick<Catalogue, 'find'>;
  readonly outgoing: Outgoing;
  readonly log: Log;
}

/** Throws FlashmuxError where a provider names a preset, a region or a row of quirks that does not exist. */
export function configuredProviders(config: Config, parts: ProviderParts): readonly Provider[] {
  return config.providers.map((settings) => {
    const resolved = resolveProvider(settings);
    return parts.guarantee(configuredProvider(resolved, parts), resolved.row.quirks.abilities);
  });
}

function configuredProvider(resolved: ResolvedProvider, { catalogue, outgoing, log }: ProviderParts): Provider {
  const { name, baseUrl, cancellable, keys, headers, row } = resolved;
  const ring = createKeyRing(keys, systemClock);
  const host = { name, baseUrl, outgoing, log, cancellable, keys: ring, ...(headers === undefined ? {} : { headers }) };
  switch (row.type) {
    case 'openai-compatible':
      return chatProvider(host, row.quirks);
    case 'anthropic-messages':
      return createAnthropicMessages({ ...host, quirks: row.quirks, outputLimit: (id) => outputLimit(resolved, id, catalogue) });
    case 'openai-responses':
      return createOpenAiResponses({ ...host, quirks: row.quirks });
    case 'segmind':
      return createSegmind({ ...host, quirks: row.quirks });
  }
}

function chatProvider(host: HttpHostOptions, quirks: Quirks): Provider {
  const provider = createOpenAiCompatible({ ...host, quirks });
  return quirks.bareSound === undefined ? provider : soundAsWav(provider, quirks.bareSound.hertz);
}

/** Tokens that a model may write, by the host's own id of it. */
function outputLimit(
  { served }: ResolvedProvider,
  upstreamModel: string,
  catalogue: ProviderParts['catalogue'],
): number | undefined {
  const own = served.find((candidate) => candidate.upstreamModel === upstreamModel);
  const found = own === undefined ? undefined : catalogue.find(own.model);
  return own?.limits?.output ?? (found?.variant ?? found?.model)?.limits.output;
}

/** Ready where somebody can answer: the local model, or any configured provider. */
export function readiness(config: Config, engine: LocalEngine, missing: string | undefined): Readiness {
  const status = engine.status();
  const engineReady = status.kind === 'ready';
  const hosted = config.providers.length > 0 || config.scripted.enabled;
  const reason = engineReady
    ? {}
    : { reason: 'reason' in status ? status.reason : (missing ?? `the local model is ${status.kind}`) };
  return {
    ready: engineReady || hosted,
    components: {
      ...(config.engine.enabled ? { engine: { ready: engineReady, ...reason } } : {}),
      providers: { ready: hosted, ...(hosted ? {} : { reason: 'no provider is configured' }) },
    },
  };
}
