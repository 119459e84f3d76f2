import type { Caller } from '../../access/access.ts';
import { requestOf } from '../../dialects/openai-responses/response-call.ts';
import type { ResponseCall } from '../../dialects/openai-responses/response-call.ts';
import { inputBound } from '../../exchange/worst-case.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { SessionInput } from '../../sessions/sessions.ts';
import type { ResponseDeps } from './response-deps.ts';

export interface Fitting {
  readonly call: ResponseCall;
  readonly session: SessionInput;
  readonly request: GenerateRequest;
  readonly caller: Caller;
  readonly signal: AbortSignal;
}

/** Estimates by size are off by a little from item to item. */
const margin = 0.95;

/**
 * `truncation: auto`: leaves out the oldest items of an input that is larger than the model's context, but none of the system's or the
 * developer's, not the last one, and no result without its call. The bytes of an input bound its tokens, so that most inputs need no
 * counting; what is over that bound is counted.
 */
export async function fitToContext(
  fitting: Fitting,
  { models, countInput }: Pick<ResponseDeps, 'models' | 'countInput'>,
): Promise<{ readonly request: GenerateRequest; readonly notices: readonly Notice[] }> {
  const { call, session, request, caller, signal } = fitting;
  const unchanged = { request, notices: [] };
  const listing = models.find(request.model);
  if (listing === undefined) return unchanged;
  const { input, context } = (listing.variant ?? listing.model).limits;
  // money: counts tokens
  const room = Math.max(input ?? context - (request.limits.completionTokens ?? 0), 1);
  const bound = inputBound(request, room);
  if (bound <= room) return unchanged;
  const tokens = countInput === undefined ? bound : await countInput({ caller, request, signal });
  if (tokens <= room) return unchanged;
  const items = [...session.before, ...session.own];
  const left = withoutOldest(items, (tokens - room * margin) / tokens);
  const dropped = items.length - left.length;
  if (dropped === 0) return unchanged;
  const message = `The input is too long for the model; truncation auto left out ${dropped} of its ${items.length} items, the oldest.`;
  return { request: requestOf(call, [], left), notices: [{ code: 'dropped', path: 'input', message }] };
}

/** `share`: how much of the whole is to go, from 0 to 1. */
function withoutOldest(items: readonly Json[], share: number): readonly Json[] {
  const sizes = items.map((item) => Buffer.byteLength(JSON.stringify(item)));
  let excess = sizes.reduce((sum, size) => sum + size, 0) * share;
  const lostCalls = new Set<Json | undefined>();
  return items.filter((item, index) => {
    const isOrphan = isJsonObject(item) && isOutput(item['type']) && lostCalls.has(item['call_id']);
    if (!isOrphan && (excess <= 0 || index === items.length - 1 || isInstruction(item))) return true;
    excess -= sizes[index] ?? 0;
    if (isJsonObject(item) && item['call_id'] !== undefined) lostCalls.add(item['call_id']);
    return false;
  });
}

function isOutput(type: Json | undefined): boolean {
  return typeof type === 'string' && type.endsWith('_output');
}

function isInstruction(item: Json): boolean {
  return isJsonObject(item) && (item['role'] === 'system' || item['role'] === 'developer');
}
