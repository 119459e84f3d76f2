import type { Candidate } from '../candidates/candidate.ts';
import type { Flashmux } from '../candidates/start-flashmux.ts';
import type { Host, Load } from '../processes.ts';

/** What every measurement is given. */
export interface BenchRun {
  readonly host: Host;
  readonly load: Load;
  /** All candidates that run, in the order of the tables. */
  readonly candidates: readonly Candidate[];
  readonly flashmux: Flashmux;
  readonly rounds: number;
  /** How long one candidate is asked in one round. */
  readonly windowMs: number;
  /** How long a gateway of JavaScript is asked beforehand, for each kind of work: compiled code is what is measured. */
  readonly warmUpMs: number;
  /** Main module of flashmux. */
  readonly program: string;
  /** Where it may write; it is removed at the end. */
  readonly folder: string;
}

/** The candidates of one round, each round beginning with another: who comes first meets another machine than who comes last. */
export function inTurns(candidates: readonly Candidate[], round: number): readonly Candidate[] {
  const from = round % Math.max(1, candidates.length);
  return [...candidates.slice(from), ...candidates.slice(0, from)];
}

/** For work that goes on after the last answer of a window has left, such as log lines. */
export const afterwardsMs = 30;
