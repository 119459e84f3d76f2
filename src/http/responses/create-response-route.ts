import { openaiResponsesDialect as dialect } from '../../dialects/openai-responses/openai-responses-dialect.ts';
import { isJsonObject } from '../../model/json.ts';
import { generateAbout } from '../generate-about.ts';
import { generate } from '../generate-route.ts';
import { readJsonBody } from '../read-body.ts';
import type { KeyedRoute, KeyedVisit } from '../route.ts';
import type { BackgroundRuns } from './background-runs.ts';
import { keeper } from './keep-response.ts';
import { planResponse } from './plan-response.ts';
import type { ResponseDeps } from './response-deps.ts';
import { startInBackground } from './start-in-background.ts';

/** `POST /v1/responses`. */
export function createResponseRoute(deps: ResponseDeps, runs: BackgroundRuns): KeyedRoute {
  const answer = (visit: KeyedVisit): Promise<void> => createResponse(visit, deps, runs);
  const about = generateAbout(dialect, '/v1/responses');
  return { method: 'POST', path: '/v1/responses', key: 'required', dialect, answer, ...(about === undefined ? {} : { about }) };
}

async function createResponse(visit: KeyedVisit, deps: ResponseDeps, runs: BackgroundRuns): Promise<void> {
  const { incoming, caller } = visit;
  const body = await readJsonBody(incoming);
  if (isJsonObject(body) && typeof body['model'] === 'string') incoming.record.model = body['model'];
  const plan = await planResponse({ body, caller, signal: incoming.signal }, deps);
  const { request, answers } = plan;
  if (plan.call.options.background === true) return startInBackground(visit, { body, plan, runs }, deps);
  const keep = keeper(plan, caller.accountId, deps);
  await generate(visit, { dialect, body, request, answers, answerId: deps.newId('resp'), keep }, deps);
}
