import { faults, type FaultCode } from '../../model/fault.ts';
import type { PlannedAttempt } from '../plan.ts';
import type { HostRecord } from './host-record.ts';

/** Hears from the exchange what becomes of every attempt. */
export interface HostWatch {
  /** A request goes out to the host of the attempt. */
  begins(attempt: PlannedAttempt): AttemptWatch;
}

export interface AttemptWatch {
  /** The first part of the answer began. Called again it changes nothing. */
  firstToken(): void;
  /** Called exactly once; again it changes nothing. */
  ended(outcome: AttemptOutcome): void;
}

export type AttemptOutcome =
  | {
      readonly kind: 'complete';
      /** Thoughts included, over all answers of the request. */
      readonly outputTokens?: number;
      /** Tokens of the input that the host read from its cache. */
      readonly cachedTokens?: number;
    }
  | {
      readonly kind: 'fault';
      readonly code: FaultCode;
      readonly retryAfterSeconds?: number;
      /** True: it was asked with the caller's own key, whose limits and mistakes are no other caller's. */
      readonly withOwnKey?: boolean;
    }
  /** The caller went away: how long it had waited is all that this says of the host. */
  | { readonly kind: 'left' };

export interface HostWatchOptions {
  readonly recordOf: (hostId: string) => HostRecord;
  /** A host has answered: it may hold the conversation in its cache now. */
  readonly onAnswer: (attempt: PlannedAttempt, cachedTokens: number) => void;
  readonly ticks: () => number;
}

export function createHostWatch({ recordOf, onAnswer, ticks }: HostWatchOptions): HostWatch {
  return {
    begins(attempt) {
      const record = recordOf(attempt.hostId);
      const trial = record.circuit.begins();
      const startedAt = ticks();
      let firstAt: number | undefined;
      let isOver = false;
      return {
        firstToken() {
          if (isOver || firstAt !== undefined) return;
          firstAt = ticks();
          record.firstTokenAfter(firstAt - startedAt);
        },
        ended(outcome) {
          if (isOver) return;
          isOver = true;
          switch (outcome.kind) {
            case 'complete': {
              const { outputTokens, cachedTokens = 0 } = outcome;
              record.succeeded();
              record.circuit.succeeded(trial);
              // The first token came before the time that is counted.
              if (firstAt !== undefined && outputTokens !== undefined) record.wrote(outputTokens - 1, ticks() - firstAt);
              return onAnswer(attempt, cachedTokens);
            }
            case 'fault':
              return applyFault(record, trial, outcome);
            case 'left':
              if (firstAt === undefined) record.noTokenFor(ticks() - startedAt);
              return record.circuit.saidNothing(trial);
          }
        },
      };
    },
  };
}

function applyFault(
  record: HostRecord,
  trial: ReturnType<HostRecord['circuit']['begins']>,
  { code, retryAfterSeconds, withOwnKey = false }: Extract<AttemptOutcome, { readonly kind: 'fault' }>,
): void {
  const verdict = verdictOf(code);
  const isTheirs = withOwnKey && (code === 'rate_limited' || code === 'upstream_refused');
  if (verdict === 'nothing' || isTheirs) return record.circuit.saidNothing(trial);
  if (verdict === 'failure') {
    record.failed();
    record.circuit.failed(trial);
  } else {
    record.circuit.saidNothing(trial);
  }
  if (verdict === 'limited' || retryAfterSeconds !== undefined)
    record.circuit.rests(retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1_000);
}

/**
 * What a fault says of its host. A fault of the request itself would have been the same anywhere; of those that may pass, being asked
 * too often is no failure, being overloaded is one, and the rest are this server's own. A host whose
 * answer does not fit is well.
 */
function verdictOf(code: FaultCode): 'failure' | 'limited' | 'nothing' {
  if (code === 'rate_limited') return 'limited';
  if (code === 'overloaded') return 'failure';
  if (code === 'answer_unfit') return 'nothing';
  return faults[code].retry === 'elsewhere' ? 'failure' : 'nothing';
}
