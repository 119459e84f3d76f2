import type { Caller } from '../access/access.ts';
import type { Incoming } from './incoming.ts';
import type { Routable } from './router.ts';

/** A route answers anybody, or only callers whose key was found valid. There is no third kind, and no way around the check. */
export type Route = OpenRoute | KeyedRoute;

export interface OpenRoute extends Routable {
  readonly key: 'none';
  answer(visit: Visit): Promise<void>;
}

export interface KeyedRoute extends Routable {
  readonly key: 'required';
  answer(visit: KeyedVisit): Promise<void>;
}

export interface Visit {
  readonly incoming: Incoming;
  /** Path parameters, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface KeyedVisit extends Visit {
  readonly caller: Caller;
}
