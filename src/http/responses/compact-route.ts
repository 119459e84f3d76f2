import { openaiResponsesDialect as dialect } from '../../dialects/openai-responses/openai-responses-dialect.ts';
import { compactionItem } from '../../dialects/openai-responses/own-seals.ts';
import { requestOf, responseAnswers } from '../../dialects/openai-responses/response-call.ts';
import type { Answer } from '../../model/answer.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { Fold } from '../../model/fold.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { keptItem, objectsIn, typeOf } from '../../sessions/item-form.ts';
import { countTokens } from '../admit-caller.ts';
import { answerHeaders } from '../answer-headers.ts';
import { readJsonBody } from '../read-body.ts';
import { commonHeaders, sendJson } from '../reply.ts';
import type { KeyedRoute, KeyedVisit } from '../route.ts';
import { planResponse, type PlannedResponse } from './plan-response.ts';
import type { ResponseDeps } from './response-deps.ts';

/**
 * `POST /v1/responses/compact`: a conversation as the words of its user and one item that stands for all else. The model itself
 * summarises, so that this is a call like any other, and billed.
 */
export function compactRoute(deps: ResponseDeps): KeyedRoute {
  const answer = (visit: KeyedVisit): Promise<void> => compact(visit, deps);
  return { method: 'POST', path: '/v1/responses/compact', key: 'required', dialect, answer };
}

const instruction =
  'Summarise the conversation above for yourself, so that you can go on without it. Keep every fact, name, number, decision, open ' +
  'question and result of a tool that may matter later, and what the user wants. Write only the summary.';

async function compact({ incoming, caller }: KeyedVisit, deps: ResponseDeps): Promise<void> {
  const body = await readJsonBody(incoming);
  const { requestId, signal } = incoming;
  const plan = await planResponse({ body: withoutStream(body), caller, signal }, deps);
  const items = [...plan.before, ...plan.own];
  if (items.length === 0)
    throw new FlashmuxError('invalid_request', 'There is nothing to compact: input is empty.', { param: 'input' });
  const request = requestOf(plan.call, items, [{ type: 'message', role: 'user', content: instruction }]);
  incoming.record.model = request.model;
  const id = deps.newId('resp');
  const folding = new Fold();
  const onUsage: Parameters<typeof deps.serve>[0]['onUsage'] = (usage) => countTokens(incoming, caller, usage, deps);
  for await (const batch of deps.serve({ requestId, answerId: id, caller, request, signal, onUsage })) {
    if (signal.aborted) break;
    for (const event of batch) folding.add(event);
  }
  signal.throwIfAborted();
  const answer = folding.answer();
  const summary = textOf(answer);
  if (summary === '') throw new FlashmuxError('upstream_failed', 'The model gave no summary. Try again, or with another model.');
  await sendJson(incoming, 200, compacted({ plan, items, id, summary, answer, deps, requestId }), {
    ...commonHeaders(incoming, id),
    ...answerHeaders(answer, request.model),
  });
}

interface Compacted {
  readonly plan: PlannedResponse;
  readonly items: readonly Json[];
  readonly id: string;
  readonly summary: string;
  readonly answer: Answer;
  readonly deps: Pick<ResponseDeps, 'clock' | 'creditsPerUsd'>;
  readonly requestId: string;
}

function compacted({ plan, items, id, summary, answer, deps, requestId }: Compacted): JsonObject {
  const createdAt = answer.createdAt ?? Math.floor(deps.clock.now() / 1000);
  const envelope = { id, requestId, createdAt, model: answer.model ?? plan.request.model, creditsPerUsd: deps.creditsPerUsd };
  const { usage, meta, provider, notices } = responseAnswers(plan.call, false).writeAnswer(answer, envelope, plan.request);
  const said = objectsIn(items).filter((item) => typeOf(item) === 'message' && item['role'] === 'user');
  return {
    id,
    object: 'response.compaction',
    created_at: createdAt,
    output: [...said.map((item, index) => keptItem(item, id, index)), compactionItem(`cmp_${id}`, summary)],
    ...(usage === undefined ? {} : { usage }),
    ...(provider === undefined ? {} : { provider }),
    ...(meta === undefined ? {} : { meta }),
    ...(notices === undefined ? {} : { notices }),
  };
}

/** A compaction is told whole, and is kept by nobody but its caller. */
function withoutStream(body: Json): Json {
  if (!isJsonObject(body)) return body;
  const { stream: _, stream_options: __, ...rest } = body;
  return { ...rest, store: false };
}

function textOf(answer: Answer): string {
  const parts = answer.choices[0]?.parts ?? [];
  return parts
    .map((part) => (part.kind === 'text' ? part.text : ''))
    .join('')
    .trim();
}
