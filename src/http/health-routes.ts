import type { JsonObject } from '../model/json.ts';
import { sendJson } from './reply.ts';
import type { OpenRoute } from './route.ts';

/** Whether requests can be served now, and where not, why. */
export interface Readiness {
  readonly ready: boolean;
  readonly components: Readonly<Record<string, ComponentState>>;
}

export interface ComponentState {
  readonly ready: boolean;
  /** What is missing and what to do about it. */
  readonly reason?: string;
}

export interface HealthDeps {
  readonly version: string;
  readonly readiness: () => Readiness | Promise<Readiness>;
}

/** `/healthz`: the process lives. `/readyz`: it can serve. Both without a key, because what asks them is a load balancer. */
export function healthRoutes({ version, readiness }: HealthDeps): readonly OpenRoute[] {
  return [
    {
      method: 'GET',
      path: '/healthz',
      key: 'none',
      answer: ({ incoming }) => sendJson(incoming, 200, { status: 'ok', version }),
    },
    {
      method: 'GET',
      path: '/readyz',
      key: 'none',
      async answer({ incoming }) {
        const state = await readiness();
        const body = { status: state.ready ? 'ready' : 'not_ready', components: componentStates(state) };
        await sendJson(incoming, state.ready ? 200 : 503, body, state.ready ? {} : { 'retry-after': '1' });
      },
    },
  ];
}

export function componentStates({ components }: Readiness): JsonObject {
  return Object.fromEntries(
    Object.entries(components).map(([name, { ready, reason }]) => [name, { ready, ...(reason === undefined ? {} : { reason }) }]),
  );
}
