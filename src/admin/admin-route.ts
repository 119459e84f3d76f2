import type { Visit } from '../http/route.ts';
import type { Routable } from '../http/router.ts';

/** Whoever may call the admin API may call all of it: who that is was found out before the route was looked for. */
export interface AdminRoute extends Routable {
  answer(visit: Visit): Promise<void>;
}
