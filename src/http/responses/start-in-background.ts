import { createHash } from 'node:crypto';
import { openaiResponsesDialect as dialect } from '../../dialects/openai-responses/openai-responses-dialect.ts';
import { emptyResponse } from '../../dialects/openai-responses/response-call.ts';
import { FlashmuxError } from '../../model/fault.ts';
import type { Json } from '../../model/json.ts';
import { currentObject } from '../../sessions/create-sessions.ts';
import type { KeptResponse } from '../../sessions/kept-response.ts';
import type { Envelope } from '../generate-route.ts';
import { readIdempotency } from '../idempotency-header.ts';
import { sendJson } from '../reply.ts';
import type { KeyedVisit } from '../route.ts';
import type { BackgroundRuns } from './background-runs.ts';
import type { PlannedResponse } from './plan-response.ts';
import type { ResponseDeps } from './response-deps.ts';
import { streamKept } from './stream-kept.ts';

/**
 * `background: true`: tells the response as it is queued, or streams its events, and runs it whatever becomes of the caller. The same
 * idempotency key gives the response that it gave at first, as it is now.
 */
export async function startInBackground(
  { incoming, caller }: KeyedVisit,
  { body, plan, runs }: { readonly body: Json; readonly plan: PlannedResponse; readonly runs: BackgroundRuns },
  deps: ResponseDeps,
): Promise<void> {
  const { sessions, clock, creditsPerUsd } = deps;
  const { call, own, request } = plan;
  const expiresAt = clock.now() + deps.keepIdempotencyMs;
  const idempotency = readIdempotency(incoming, body, { path: incoming.request.url ?? '', expiresAt });
  const id = idempotency === undefined ? deps.newId('resp') : idOfKey(caller.accountId, idempotency.key);
  const { requestId } = incoming;
  const createdAt = Math.floor(clock.now() / 1000);
  const envelope: Envelope = { id, requestId, createdAt, model: request.model, creditsPerUsd };
  const { previousResponseId: previousId, conversationId } = call.options;
  const form = sessions.form({
    accountId: caller.accountId,
    own,
    object: emptyResponse(call, envelope, request, { status: 'queued', incomplete_details: null }),
    ...(previousId === undefined ? {} : { previousId }),
    ...(conversationId === undefined ? {} : { conversationId }),
  });
  const queued = idempotency === undefined ? form : { ...form, fingerprint: idempotency.fingerprint };
  const isNew = await sessions.background.keep(queued);
  if (isNew) runs.start({ plan, caller, envelope });
  else incoming.replayed = true;
  const kept = isNew ? queued : sameOrRefused(await sessions.response(caller.accountId, id), queued);
  if (request.delivery.kind === 'stream') await streamKept(incoming, { kept, after: -1 }, deps);
  else await sendJson(incoming, 200, currentObject(kept), dialect.headers({ requestId, answerId: id }));
}

function idOfKey(accountId: string, key: string): string {
  return `resp_${createHash('sha256')
    .update(JSON.stringify([accountId, key]))
    .digest('hex')
    .slice(0, 32)}`;
}

function sameOrRefused(kept: KeptResponse, asked: KeptResponse): KeptResponse {
  if (kept.fingerprint === asked.fingerprint) return kept;
  throw new FlashmuxError('idempotency_mismatch', 'This Idempotency-Key was used for another request. Use a new one.', {
    param: 'idempotency-key',
  });
}
