import type { ToldAttempt } from '../../model/event.ts';
import type { Json } from '../../model/json.ts';
import { wire } from './said.ts';

/** Every try at a host, as the bodies of all wires have it; undefined where the first host answered. */
export function writeRouting(attempts: readonly ToldAttempt[] | undefined): Json | undefined {
  if (attempts === undefined) return undefined;
  return {
    attempts: attempts.map(({ provider, model, durationMs, fault }) =>
      wire({ provider, model, latency_ms: durationMs, error: fault }),
    ),
  };
}
