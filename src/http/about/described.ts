import type { Route } from '../route.ts';
import { routeAbouts } from './route-abouts.ts';

/** The route with what is said of it, where it does not say so itself. */
export function described(route: Route): Route {
  const about = route.about ?? routeAbouts[`${route.method} ${route.path}`];
  return about === undefined ? route : { ...route, about };
}
