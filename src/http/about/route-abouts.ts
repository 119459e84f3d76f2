import type { RouteAbout } from '../route-about.ts';
import { accountAbouts } from './account-about.ts';
import { embeddingsAbouts } from './embeddings-about.ts';
import { gatewayAbouts } from './gateway-about.ts';
import { healthAbouts } from './health-about.ts';
import { modelAbouts } from './model-about.ts';
import { openrouterAbouts } from './openrouter-about.ts';
import { responsesAbouts } from './responses-about.ts';

/**
 * What the OpenAPI document says of the routes that no dialect describes, by method and path as the route has them. A test finds the
 * route that has no row, and the row that has no route.
 */
export const routeAbouts: Readonly<Record<string, RouteAbout>> = {
  ...healthAbouts,
  ...modelAbouts,
  ...accountAbouts,
  ...embeddingsAbouts,
  ...responsesAbouts,
  ...openrouterAbouts,
  ...gatewayAbouts,
};
