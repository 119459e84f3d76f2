import { FlashmuxError } from '../model/fault.ts';
import { isJsonObject } from '../model/json.ts';
import type { Json, JsonObject } from '../model/json.ts';
import { idOf, typeOf } from './item-form.ts';

/**
 * The items of an input, with what it only names put in its place: @ai-sdk/openai names every earlier item by its id unless it is told
 * `store: false`. Throws `not_found` for a name that nothing is kept under.
 */
export async function ownItems(
  input: readonly Json[],
  find: (ids: readonly string[]) => Promise<readonly JsonObject[]>,
): Promise<readonly Json[]> {
  const names = new Set(input.flatMap((item) => (isReference(item) ? [idOf(item)] : [])));
  if (names.size === 0) return input;
  const found = new Map((await find([...names])).map((item) => [idOf(item), item]));
  return input.map((item, index) => {
    if (!isReference(item)) return item;
    const kept = found.get(idOf(item));
    if (kept !== undefined) return kept;
    throw new FlashmuxError(
      'not_found',
      `Item with id '${idOf(item).slice(0, 100)}' not found. Items are not kept of responses with store: false; send the whole item.`,
      { param: `input[${index}]` },
    );
  });
}

function isReference(item: Json): item is JsonObject {
  return isJsonObject(item) && typeOf(item) === 'item_reference';
}
