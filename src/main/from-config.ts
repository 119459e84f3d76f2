import type { Config } from '../config/schema.ts';
import type { LocalEngine, LocalEngineOptions } from '../engine/local-engine.ts';
import type { AdmissionLimits } from '../exchange/admission.ts';
import type { Readiness } from '../http/health-routes.ts';
import type { HttpLimits } from '../http/limits.ts';
import type { Deadlines, Provider } from '../model/ports.ts';
import type { Outgoing } from '../net/outgoing.ts';
import { createOpenAiCompatible } from '../providers/openai-compatible/create-openai-compatible.ts';
import { quirksNamed } from '../providers/quirks-named.ts';
import type { SessionsOptions } from '../sessions/create-sessions.ts';
import type { Log } from '../telemetry/log.ts';

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

export function httpLimits({ server }: Config): Partial<HttpLimits> {
  return { bodyBytes: server.max_body_bytes, heartbeatMs: server.heartbeat_ms, stallMs: server.stalled_reader_ms };
}

export function engineOptions({ engine }: Config): Pick<LocalEngineOptions, 'contextTokens' | 'parallel' | 'threads' | 'gpu'> {
  return {
    parallel: engine.parallel,
    gpu: engine.gpu === 'auto' ? 'auto' : false,
    ...(engine.context_tokens === undefined ? {} : { contextTokens: engine.context_tokens }),
    ...(engine.threads === undefined ? {} : { threads: engine.threads }),
  };
}

export function sessionSettings({ responses }: Config): Pick<SessionsOptions, 'keepMs' | 'keepsUnasked'> {
  return { keepMs: responses.keep_days * 86_400_000, keepsUnasked: responses.store_by_default };
}

/** Throws FlashmuxError where a provider names a row of quirks that does not exist. */
export function configuredProviders(config: Config, outgoing: Outgoing, log: Log): readonly Provider[] {
  return config.providers.map(({ name, base_url: baseUrl, api_key: apiKey, headers, quirks, cancellable }) => {
    const row = quirksNamed(quirks);
    return createOpenAiCompatible({
      name,
      baseUrl,
      quirks: row,
      outgoing,
      log,
      cancellable: cancellable ?? row.stopsWhenAborted,
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(headers === undefined ? {} : { headers }),
    });
  });
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
