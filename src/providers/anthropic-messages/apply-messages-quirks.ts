import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import { Draft } from '../http-host/draft.ts';
import { applyShape } from '../openai-compatible/apply-shape.ts';
import { applyMessagesThinking } from './apply-messages-thinking.ts';
import type { MessagesQuirks } from './messages-quirks.ts';

/** A body of the protocol as it is written, made into what this host takes. Pure. */
export function applyMessagesQuirks(
  body: JsonObject,
  quirks: MessagesQuirks,
): { readonly body: JsonObject; readonly notices: readonly Notice[] } {
  const draft = new Draft(body);
  // A whole answer is the fold of a stream, so the host streams in any case.
  draft.body['stream'] = true;
  applyStops(draft, quirks);
  applyConfig(draft, quirks);
  applyTools(draft, quirks);
  applyMessagesThinking(draft, quirks);
  draft.clamp(quirks.ranges);
  applyShape(draft, quirks.request);
  applyMessages(draft, quirks);
  return { body: draft.body, notices: draft.notices };
}

function applyStops(draft: Draft, { refusesBlank }: MessagesQuirks): void {
  const stops = draft.body['stop_sequences'];
  if (!refusesBlank || !isList(stops)) return;
  const kept = stops.filter((stop) => typeof stop !== 'string' || stop.trim() !== '');
  if (kept.length === stops.length) return;
  draft.body['stop_sequences'] = kept;
  draft.tell('dropped', 'stop', 'This host stops at no text of nothing but white space.');
}

function applyConfig(draft: Draft, { config }: MessagesQuirks): void {
  const said = draft.body['output_config'];
  if (!isJsonObject(said)) return;
  const kept: Record<string, Json> = { ...said };
  for (const [name, wish] of [
    ['effort', 'reasoning_effort'],
    ['format', 'response_format'],
  ] as const) {
    if (kept[name] === undefined || config.includes(name)) continue;
    delete kept[name];
    draft.tell('dropped', wish, `This host has no ${name} of its output.`);
  }
  if (Object.keys(kept).length === 0) delete draft.body['output_config'];
  else draft.body['output_config'] = kept;
}

/** Tools with a type run at Anthropic; a server that has only tools of the caller refuses them for their missing schema. */
function applyTools(draft: Draft, { serverTools, cacheMarks }: MessagesQuirks): void {
  const tools = draft.body['tools'];
  if (!isList(tools) || (serverTools && cacheMarks)) return;
  const kept = tools.flatMap((tool, index): Json[] => {
    if (!isJsonObject(tool)) return [tool];
    const { type, cache_control: mark, ...own } = tool;
    if (!serverTools && type !== undefined && type !== 'custom') {
      draft.tell('dropped', `tools[${index}]`, 'This host runs no tools.');
      return [];
    }
    if (cacheMarks || mark === undefined) return [tool];
    draft.tell('dropped', `tools[${index}]`, 'This host caches by itself and reads no marks.');
    return [type === undefined ? own : { type, ...own }];
  });
  draft.body['tools'] = kept;
  if (kept.length > 0) return;
  delete draft.body['tools'];
  draft.drop('tool_choice', 'There are no tools to choose from at this host.');
}

/** Every message says something: Anthropic refuses one that does not, and one that said only what was left out is one. */
function applyMessages(draft: Draft, { systemMessages }: MessagesQuirks): void {
  const messages = isList(draft.body['messages']) ? draft.body['messages'] : [];
  const saying = messages.filter((message) => !isJsonObject(message) || !isEmpty(message['content']));
  const spoken = systemMessages ? saying : saying.filter((message) => !isOfSystem(message));
  draft.body['messages'] = spoken.length === 0 ? messages : spoken;
  if (spoken.length === saying.length || spoken.length === 0) return;
  const moved = saying.filter(isOfSystem).flatMap((message) => (isJsonObject(message) ? blocksOf(message['content']) : []));
  draft.body['system'] = [...blocksOf(draft.body['system']), ...moved];
}

function isOfSystem(message: Json): boolean {
  return isJsonObject(message) && message['role'] === 'system';
}

function isEmpty(content: Json | undefined): boolean {
  return content === '' || (isList(content) && content.length === 0);
}

function blocksOf(content: Json | undefined): readonly Json[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return isList(content) ? content : [];
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
