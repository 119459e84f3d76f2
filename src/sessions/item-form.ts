import { isJsonObject } from '../model/json.ts';
import type { Json, JsonObject } from '../model/json.ts';

/*
 * Items as they are kept: each with a type, an id and a status, as lists of items tell them. Nothing else of an item is looked at: what
 * the wire makes of its content is a matter of the codec.
 */

/** The input of a body as items. Text is one message of the user; what is no object stays, for the codec to refuse. */
export function inputItems(input: Json | undefined): readonly Json[] {
  if (input === undefined || input === null) return [];
  if (typeof input === 'string') return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: input }] }];
  return isList(input) ? input : [input];
}

/** The item as it is kept. `number`: its place in the input of the response or conversation `ownerId`, for items without an id. */
export function keptItem(item: JsonObject, ownerId: string, number: number): JsonObject {
  const type = typeOf(item);
  const id = typeof item['id'] === 'string' && item['id'] !== '' ? item['id'] : `${prefixOf(type)}_${ownerId}_in${number}`;
  const status = withStatus.has(type) ? { status: typeof item['status'] === 'string' ? item['status'] : 'completed' } : {};
  return { ...item, type, id, ...status, ...(type === 'message' ? { content: contentOf(item) } : {}) };
}

export function typeOf(item: JsonObject): string {
  const { type } = item;
  if (typeof type === 'string') return type;
  return item['role'] === undefined ? 'item_reference' : 'message';
}

export function idOf(item: JsonObject): string {
  return typeof item['id'] === 'string' ? item['id'] : '';
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

const withStatus: ReadonlySet<string> = new Set(['message', 'function_call', 'function_call_output']);

/** The short form of a message has its text as a string; lists of items have parts. */
function contentOf({ role, content }: JsonObject): Json {
  if (typeof content !== 'string') return content ?? [];
  return role === 'assistant'
    ? [{ type: 'output_text', text: content, annotations: [] }]
    : [{ type: 'input_text', text: content }];
}

const prefixes: Readonly<Record<string, string>> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  function_call_output: 'fco',
  compaction: 'cmp',
};

function prefixOf(type: string): string {
  return prefixes[type] ?? 'item';
}

/** The items among values that may be anything. */
export function objectsIn(values: readonly Json[]): readonly JsonObject[] {
  return values.filter((value) => isJsonObject(value));
}
