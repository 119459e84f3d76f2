import type { CircuitSettings } from './live/circuit.ts';

/**
 * Who comes first where the caller wishes nothing. `balanced`: by chance, the cheaper and the faster the likelier. `configured`: in
 * the order of the configuration. The others are what a caller can wish as well.
 */
export type RoutingStrategy = 'balanced' | 'configured' | 'price' | 'throughput' | 'latency';

export interface RoutingSettings {
  readonly strategy: RoutingStrategy;
  /** Other strategies of single models, by canonical id, with the variant where it is meant. */
  readonly strategies: Readonly<Record<string, RoutingStrategy>>;
  readonly exploration: ExplorationSettings;
  readonly circuit: CircuitSettings;
  readonly sticky: StickySettings;
  /** Half-life of what counts as the speed of a host right now, in milliseconds. */
  readonly paceHalfLifeMs: number;
  /** A call that finds out whether a host answers again waits this long for its first event, while others could be asked. */
  readonly probeFirstEventMs: number;
  /** How long any host is waited for while another could be asked after it, in milliseconds; long inputs have longer. */
  readonly silentAfterMs: number;
}

/** Asking hosts now and then that would not be asked otherwise, because nobody knows how fast they are by now. */
export interface ExplorationSettings {
  /** Of the calls, 0 to 1: at most this share goes to such a host first. */
  readonly share: number;
  /** A host that was measured within this time is known well enough. */
  readonly staleAfterMs: number;
}

export interface StickySettings {
  /** How long a host is remembered for a conversation after it answered last; what hosts say of their caches. */
  readonly lifetimeMs: number;
  /** How many beginnings of conversations are remembered. */
  readonly mostKept: number;
}

/** The one place of every default. */
export const defaultRoutingSettings: RoutingSettings = {
  strategy: 'balanced',
  strategies: {},
  exploration: { share: 0.03, staleAfterMs: 60_000 },
  circuit: {
    failuresInRow: 3,
    failureShare: 0.25,
    leastCalls: 8,
    windowMs: 600_000,
    firstOpenMs: 5_000,
    longestOpenMs: 300_000,
    successesToForget: 10,
    restMs: 10_000,
    longestRestMs: 3_600_000,
  },
  // Explicit entries live 5 minutes after their last use (Model Studio, 2026-09; Anthropic says the same of its default).
  sticky: { lifetimeMs: 300_000, mostKept: 10_000 },
  paceHalfLifeMs: 600_000,
  probeFirstEventMs: 5_000,
  silentAfterMs: 60_000,
};
