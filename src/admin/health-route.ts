import { componentStates, type HealthDeps } from '../http/health-routes.ts';
import { readQuery } from '../http/read-query.ts';
import { sendJson } from '../http/reply.ts';
import type { AdminRoute } from './admin-route.ts';

export interface AdminHealthDeps extends HealthDeps {
  /** Requests that run or wait. */
  readonly inFlight: () => number;
}

/** How the server is; 200 whatever it is: who asks here wants to read it. */
export function healthRoute({ version, readiness, inFlight }: AdminHealthDeps): AdminRoute {
  return {
    method: 'GET',
    path: '/admin/v1/health',
    async answer({ incoming }) {
      readQuery(incoming, []);
      const state = await readiness();
      await sendJson(incoming, 200, {
        status: state.ready ? 'ready' : 'not_ready',
        version,
        in_flight: inFlight(),
        components: componentStates(state),
      });
    },
  };
}
