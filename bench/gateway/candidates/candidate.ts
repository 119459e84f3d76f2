import type { Question, Target } from '../load-messages.ts';
import type { CandidateName } from '../works/works.ts';

/** What is to be asked, as far as the place where it is asked depends on it. */
export interface Errand {
  readonly scenario: string;
  readonly form: Question['form'];
}

/** A gateway that runs, or none. */
export interface Candidate {
  readonly name: CandidateName;
  readonly version: string;
  /** Its processes; what they start counts with them. Empty for the host itself. */
  readonly processIds: readonly number[];
  target(errand: Errand): Target;
  stop(): Promise<void>;
}

/** Where the host of the benchmark is. */
export interface HostPlace {
  readonly port: number;
}

const loopback = '127.0.0.1';

export function targetAt(port: number, path: string, headers: Readonly<Record<string, string>> = {}): Target {
  return { host: loopback, port, path, headers };
}

export function scenarioPath(scenario: string): string {
  return `/${scenario}/v1/chat/completions`;
}

export function direct({ port }: HostPlace): Candidate {
  return {
    name: 'direct',
    version: '',
    processIds: [],
    target: ({ scenario }) => targetAt(port, scenarioPath(scenario)),
    stop: () => Promise.resolve(),
  };
}
