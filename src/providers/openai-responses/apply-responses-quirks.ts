import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { serverToolOf } from '../../protocols/openai-responses/server-tool-types.ts';
import { Draft } from '../http-host/draft.ts';
import { applyShape } from '../openai-compatible/apply-shape.ts';
import { applyResponsesThinking, wanted } from './apply-responses-thinking.ts';
import type { ResponsesQuirks } from './responses-quirks.ts';

/** A body of the protocol as it is written, made into what this host takes. Pure. */
export function applyResponsesQuirks(
  body: JsonObject,
  request: Pick<GenerateRequest, 'thinking'>,
  quirks: ResponsesQuirks,
): { readonly body: JsonObject; readonly notices: readonly Notice[] } {
  const draft = new Draft(body);
  // A whole answer is the fold of a stream, so the host streams in any case.
  draft.body['stream'] = true;
  applyKeeping(draft, quirks);
  applyTools(draft, quirks);
  applyIncludes(draft, request, quirks);
  applyResponsesThinking(draft, request.thinking, quirks);
  draft.clamp(quirks.ranges);
  applyShape(draft, quirks.request);
  applyNoTools(draft);
  applyNoWords(draft);
  return { body: draft.body, notices: draft.notices };
}

/** Nothing is kept at the host: conversations are kept here, and a caller who wants none kept means everybody. */
function applyKeeping(draft: Draft, { stores }: ResponsesQuirks): void {
  for (const field of ['previous_response_id', 'conversation', 'background'])
    draft.drop(field, 'Responses are kept and run on here, never at a host.');
  delete draft.body['store'];
  if (stores) draft.body['store'] = false;
}

function applyTools(draft: Draft, quirks: ResponsesQuirks): void {
  const tools = draft.body['tools'];
  if (!isList(tools)) return;
  const kept = tools.flatMap((tool, index) => (isJsonObject(tool) ? applyTool(draft, tool, `tools[${index}]`, quirks) : [tool]));
  draft.body['tools'] = kept;
}

/** An empty list, and a choice among nothing, are refused. */
function applyNoTools(draft: Draft): void {
  const tools = draft.body['tools'];
  if (!isList(tools) || tools.length > 0) return;
  delete draft.body['tools'];
  draft.drop('tool_choice', 'There are no tools to choose from at this host.');
  delete draft.body['parallel_tool_calls'];
}

function applyTool(draft: Draft, tool: JsonObject, path: string, { serverTools, strictUnlessSaid }: ResponsesQuirks): Json[] {
  const { type, strict, container } = tool;
  if (type === 'function') return [strictUnlessSaid && strict === undefined ? { ...tool, strict: false } : tool];
  const name = serverToolOf(type);
  if (name === undefined) return [tool];
  if (serverTools.kind === 'fields') {
    draft.body[`tool_${name}`] = true;
    return [];
  }
  if (!serverTools.names.includes(name)) {
    draft.tell('dropped', path, `This host has no ${name}.`);
    return [];
  }
  // `auto` is what OpenAI's clients say.
  const wantsContainer = serverTools.inContainer && name === 'code_interpreter' && container === undefined;
  return [wantsContainer ? { ...tool, container: { type: 'auto' } } : tool];
}

/** A message of the model that said only what was left out says nothing. */
function applyNoWords({ body }: Draft): void {
  const input = body['input'];
  if (!isList(input)) return;
  const saying = input.filter((item) => !isJsonObject(item) || !isList(item['content']) || item['content'].length > 0);
  if (saying.length > 0) body['input'] = saying;
}

const encryptedContent = 'reasoning.encrypted_content';

/** A host that keeps nothing gives its thoughts out encrypted where it is asked for that, and gets them back with the next request. */
function applyIncludes(draft: Draft, { thinking }: Pick<GenerateRequest, 'thinking'>, { includes }: ResponsesQuirks): void {
  const said = isList(draft.body['include']) ? draft.body['include'] : [];
  const kept = said.filter((word) => {
    if (includes === 'any' || (typeof word === 'string' && includes.includes(word))) return true;
    draft.tell('dropped', 'include', `This host has no ${JSON.stringify(word)} to include.`);
    return false;
  });
  const thinks = wanted(thinking) ?? (thinking.effort !== undefined || thinking.budgetTokens !== undefined);
  const givesOut = includes === 'any' || includes.includes(encryptedContent);
  // Models that do not think refuse it.
  const asked = thinks && givesOut && !kept.includes(encryptedContent) ? [...kept, encryptedContent] : kept;
  if (asked.length > 0) draft.body['include'] = asked;
  else delete draft.body['include'];
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
