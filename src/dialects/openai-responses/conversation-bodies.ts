import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { optionalArray, refuse, requireObject } from '../../protocols/wire/fields.ts';
import { readRequest } from '../../protocols/openai-responses/read-request.ts';
import { readResponseOptions } from '../../protocols/openai-responses/response-options.ts';

/** As many items as OpenAI takes at once (its API reference, 2026-11). */
const mostItems = 20;

/** The body of `POST /conversations`. Throws FlashmuxError (400) with the path of the first thing that is wrong. */
export function readConversation(body: Json): { readonly metadata: JsonObject; readonly items: readonly JsonObject[] } {
  const fields = requireObject(body, '', 'a JSON object with metadata and items');
  return { metadata: readMetadata(fields), items: fields['items'] === undefined ? [] : readItems(fields) };
}

export function readMetadata(body: Json): JsonObject {
  const { metadata = null } = requireObject(body, '', 'a JSON object with metadata');
  return readResponseOptions({ metadata }).metadata ?? {};
}

/** The items of a body: those that an input may hold. */
export function readItems(body: Json): readonly JsonObject[] {
  const fields = requireObject(body, '', 'a JSON object with items');
  const given = optionalArray(fields, 'items', '') ?? [];
  if (given.length > mostItems) throw refuse('items', fields['items'], `an array of up to ${mostItems} items`);
  const items = given.map((item, index) => {
    if (isJsonObject(item)) return item;
    throw refuse(`items[${index}]`, item, 'an object with a type');
  });
  // What could not be asked is not kept either. A result may belong to a call that is in the conversation already.
  try {
    if (items.length > 0) readRequest({ model: 'any', input: items, conversation: 'any' });
  } catch (error) {
    throw FlashmuxError.is(error) ? underItems(error) : error;
  }
  return items;
}

function underItems(fault: FlashmuxError): FlashmuxError {
  const param = fault.param === undefined ? {} : { param: renamed(fault.param) };
  return new FlashmuxError(fault.code, renamed(fault.message), { ...param, cause: fault });
}

/** Here the same list goes by another name. */
function renamed(text: string): string {
  return text.replaceAll('input[', 'items[');
}
