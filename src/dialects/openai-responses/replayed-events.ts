import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';

/**
 * The events that a finished response might have come in, each text in one piece. Their numbers are those of the replay: what the
 * stream of its making was cut into is not kept.
 */
export function replayedEvents(response: JsonObject): readonly JsonObject[] {
  const items = listOf(response['output']);
  const begun = { ...response, status: 'in_progress', output: [], error: null, incomplete_details: null };
  const events: JsonObject[] = [
    { type: 'response.created', response: begun },
    { type: 'response.in_progress', response: begun },
    ...items.flatMap((item, index) => itemEvents(item, index)),
    { type: lastType(response['status']), response },
  ];
  return events.map(({ type = '', ...event }, number) => ({ type, sequence_number: number, ...event }));
}

function lastType(status: Json | undefined): string {
  return status === 'completed' || status === 'incomplete' ? `response.${status}` : 'response.failed';
}

function itemEvents(item: JsonObject, index: number): readonly JsonObject[] {
  const place = { item_id: item['id'] ?? '', output_index: index };
  return [
    { type: 'response.output_item.added', output_index: index, item: opening(item) },
    ...innerEvents(item, place),
    { type: 'response.output_item.done', output_index: index, item },
  ];
}

/** The item before anything was said in it. */
function opening(item: JsonObject): JsonObject {
  const { type } = item;
  if (type === 'message') return { ...item, status: 'in_progress', content: [] };
  if (type === 'reasoning') return { ...item, summary: [] };
  return type === 'function_call' ? { ...item, status: 'in_progress', arguments: '' } : item;
}

function innerEvents(item: JsonObject, place: JsonObject): readonly JsonObject[] {
  const { type, content, summary, name = '', arguments: text = '' } = item;
  if (type === 'message') return listOf(content).flatMap((part, index) => partEvents(part, { ...place, content_index: index }));
  if (type === 'reasoning')
    return listOf(summary).flatMap((part, index) => thoughtEvents(part, { ...place, summary_index: index }));
  if (type !== 'function_call') return [];
  return [
    { type: 'response.function_call_arguments.delta', ...place, delta: text },
    { type: 'response.function_call_arguments.done', ...place, name, arguments: text },
  ];
}

function partEvents(part: JsonObject, place: JsonObject): readonly JsonObject[] {
  const text = part['text'] ?? part['refusal'] ?? '';
  const added = { type: 'response.content_part.added', ...place };
  const done = { type: 'response.content_part.done', ...place, part };
  if (part['type'] === 'refusal') {
    return [
      { ...added, part: { ...part, refusal: '' } },
      { type: 'response.refusal.delta', ...place, delta: text },
      { type: 'response.refusal.done', ...place, refusal: text },
      done,
    ];
  }
  const logprobs = part['logprobs'] ?? [];
  const annotations = listOf(part['annotations']).map((annotation, index) => ({
    type: 'response.output_text.annotation.added',
    ...place,
    annotation_index: index,
    annotation,
  }));
  return [
    { ...added, part: { ...part, text: '', annotations: [], logprobs: [] } },
    { type: 'response.output_text.delta', ...place, delta: text, logprobs },
    ...annotations,
    { type: 'response.output_text.done', ...place, text, logprobs },
    done,
  ];
}

function thoughtEvents(part: JsonObject, place: JsonObject): readonly JsonObject[] {
  const text = part['text'] ?? '';
  return [
    { type: 'response.reasoning_summary_part.added', ...place, part: { ...part, text: '' } },
    { type: 'response.reasoning_summary_text.delta', ...place, delta: text },
    { type: 'response.reasoning_summary_text.done', ...place, text },
    { type: 'response.reasoning_summary_part.done', ...place, part },
  ];
}

function listOf(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((each) => isJsonObject(each)) : [];
}
