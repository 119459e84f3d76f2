import { isJsonObject, type JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { Draft } from '../http-host/draft.ts';
import type { Quirks } from '../quirks.ts';
import { applyCacheMarks } from './apply-cache-marks.ts';
import { applyShape } from './apply-shape.ts';
import { applyThinking } from './apply-thinking.ts';
import { applyVision } from './apply-vision.ts';
import { changeMessages, isList, messagesOf } from './message-parts.ts';

/** A body of the protocol as it is written, made into what this host takes. Pure. */
export function applyQuirks(
  body: JsonObject,
  request: GenerateRequest,
  quirks: Quirks,
): { readonly body: JsonObject; readonly notices: readonly Notice[] } {
  const draft = new Draft(body);
  const own = quirks.models?.[request.model];
  applyDelivery(draft, quirks);
  applyLimits(draft, quirks);
  applyThinking(draft, request, quirks);
  if (quirks.visionWishes === 'parts') applyVision(draft);
  for (const field of [...quirks.missingFields, ...(own?.missingFields ?? [])]) draft.drop(field, `This host has no ${field}.`);
  draft.clamp(own === undefined ? quirks.ranges : { ...quirks.ranges, ...own.ranges });
  applyAnswers(draft, quirks);
  applySound(draft, quirks);
  applyRoles(draft, quirks);
  applyJsonWord(draft, request, quirks);
  applyEarlierThoughts(draft, quirks);
  applyCacheMarks(draft, quirks.cacheMarks);
  applyStrictness(draft, quirks);
  applyShape(draft, quirks.request);
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

/** Model Studio documentation, 2026-09: several answers only without thinking, and one where there are tools. */
function applyAnswers(draft: Draft, quirks: Quirks): void {
  const { n, tools, enable_thinking: thinks } = draft.body;
  if (quirks.severalAnswersAlways || typeof n !== 'number' || n <= 1) return;
  if (thinks !== true && tools === undefined) return;
  draft.body['n'] = 1;
  draft.tell('clamped', 'n', 'This host gives one answer where the model thinks or has tools; 1 was sent.');
}

function applySound(draft: Draft, { bareSound }: Quirks): void {
  const { audio } = draft.body;
  if (bareSound === undefined || !isJsonObject(audio)) return;
  const { format } = audio;
  draft.body['audio'] = { ...audio, format: bareSound.format };
  // Samples, and with a header before them a WAV file, are what can be made of it (sound-as-wav.ts).
  if (format === 'pcm16' || format === 'wav') return;
  draft.tell('clamped', 'audio.format', `This host has no sound in the format ${JSON.stringify(format)}; it comes as wav.`);
}

function applyRoles(draft: Draft, quirks: Quirks): void {
  if (quirks.developerRole) return;
  changeMessages(draft, (message, path) => {
    if (message['role'] !== 'developer') return message;
    draft.tell('moved', path, 'This host has no developer messages; it was sent as a system message.');
    return { ...message, role: 'system' };
  });
}

/** The codec writes thoughts as `reasoning_content`, the older of the two names. */
function applyEarlierThoughts(draft: Draft, { earlierThoughts }: Quirks): void {
  if (earlierThoughts === 'reasoning_content') return;
  changeMessages(draft, (message, path) => {
    const { reasoning_content: thoughts, ...rest } = message;
    if (thoughts === undefined) return message;
    if (earlierThoughts === 'reasoning') return { ...rest, reasoning: thoughts };
    draft.tell('dropped', `${path}.reasoning_content`, 'This host does not take thoughts of earlier turns back.');
    return rest;
  });
}

function applyStrictness(draft: Draft, { nullContent, toolsNeedParameters }: Quirks): void {
  if (!nullContent) {
    changeMessages(draft, (message) => {
      const { content, ...rest } = message;
      return content === null ? rest : message;
    });
  }
  const { tools } = draft.body;
  if (!toolsNeedParameters || !isList(tools)) return;
  draft.body['tools'] = tools.map((tool) => {
    const inner = isJsonObject(tool) ? tool['function'] : undefined;
    if (!isJsonObject(tool) || !isJsonObject(inner) || inner['parameters'] !== undefined) return tool;
    // What a schema that was not said means: no arguments.
    return { ...tool, function: { ...inner, parameters: { type: 'object', properties: {} } } };
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
