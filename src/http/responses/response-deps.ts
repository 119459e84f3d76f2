import type { CountInput } from '../../exchange/count-input.ts';
import type { Sessions } from '../../sessions/sessions.ts';
import type { Log } from '../../telemetry/log.ts';
import type { GenerateDeps } from '../generate-route.ts';
import type { ModelDeps } from '../model-routes.ts';

/** What the routes of responses need. */
export interface ResponseDeps extends GenerateDeps {
  readonly sessions: Sessions;
  readonly models: ModelDeps['models'];
  readonly log: Log;
  /** Absent: nobody counts. */
  readonly countInput?: CountInput;
}
