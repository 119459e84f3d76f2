import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Quirks } from '../quirks.ts';
import { applyThinking } from './apply-thinking.ts';
import { Draft } from './draft.ts';

/** A body of the protocol as it is written, made into what this host takes. Pure. */
export function applyQuirks(
  body: JsonObject,
  request: GenerateRequest,
  quirks: Quirks,
): { readonly body: JsonObject; readonly notices: readonly Notice[] } {
  const draft = new Draft(body);
  applyDelivery(draft, quirks);
  applyLimits(draft, quirks);
  applyThinking(draft, request, quirks);
  applyRanges(draft, quirks);
  for (const field of quirks.missingFields) draft.drop(field, `This host has no ${field}.`);
  applyRoles(draft, quirks);
  applyJsonWord(draft, request, quirks);
  return { body: draft.body, notices: draft.notices };
}

/** A whole answer is the fold of a stream, so the host streams in any case: one path, usage seen early, an abort that stops it. */
function applyDelivery({ body }: Draft, quirks: Quirks): void {
  if (!quirks.streams) {
    delete body['stream'];
    delete body['stream_options'];
    return;
  }
  body['stream'] = true;
  const said = body['stream_options'];
  if (quirks.usageInStream) body['stream_options'] = { ...(isJsonObject(said) ? said : {}), include_usage: true };
  else delete body['stream_options'];
}

function applyLimits(draft: Draft, quirks: Quirks): void {
  const only = quirks.limitFields;
  if (only === 'both') return;
  const other = only === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
  const { [only]: own, [other]: foreign } = draft.body;
  if (typeof foreign !== 'number') return;
  delete draft.body[other];
  if (typeof own !== 'number') {
    draft.body[only] = foreign;
    return;
  }
  draft.body[only] = Math.min(own, foreign);
  draft.tell('clamped', other, `This host has one limit for thinking and answer together; ${draft.body[only]} was sent for it.`);
}

function applyRanges(draft: Draft, quirks: Quirks): void {
  for (const [field, { min = -Infinity, max = Infinity }] of Object.entries(quirks.ranges)) {
    const value = draft.body[field];
    if (typeof value !== 'number') continue;
    const fitting = Math.min(Math.max(value, min), max);
    if (fitting === value) continue;
    draft.body[field] = fitting;
    draft.tell('clamped', field, `${value} is outside of what this host takes; ${fitting} was sent.`);
  }
}

function applyRoles(draft: Draft, quirks: Quirks): void {
  if (quirks.developerRole) return;
  draft.body['messages'] = messagesOf(draft).map((message, index) => {
    if (!isJsonObject(message) || message['role'] !== 'developer') return message;
    draft.tell('moved', `messages[${index}]`, 'This host has no developer messages; it was sent as a system message.');
    return { ...message, role: 'system' };
  });
}

const jsonInstruction = 'Answer in JSON.';

function applyJsonWord(draft: Draft, request: GenerateRequest, quirks: Quirks): void {
  if (!quirks.jsonNeedsTheWord || request.form.kind !== 'json') return;
  if (request.turns.some(({ parts }) => parts.some((part) => part.kind === 'text' && /json/i.test(part.text)))) return;
  const [first, ...others] = messagesOf(draft);
  // Behind the caller's own instructions where there are some: a second system message is refused by some templates.
  const content = isJsonObject(first) && first['role'] === 'system' ? first['content'] : undefined;
  if (isJsonObject(first) && typeof content === 'string') {
    draft.body['messages'] = [{ ...first, content: `${content}\n\n${jsonInstruction}` }, ...others];
  } else if (isJsonObject(first) && isList(content)) {
    draft.body['messages'] = [{ ...first, content: [...content, { type: 'text', text: jsonInstruction }] }, ...others];
  } else {
    draft.body['messages'] = [{ role: 'system', content: jsonInstruction }, ...messagesOf(draft)];
  }
  draft.tell('clamped', 'messages', `This host refuses json_object without the word "json"; "${jsonInstruction}" was added.`);
}

function messagesOf({ body }: Draft): readonly Json[] {
  return isList(body['messages']) ? body['messages'] : [];
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
