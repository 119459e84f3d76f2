import { isJsonObject, parseJson } from '../../model/json.ts';
import type { SseFrame } from '../../protocols/codec.ts';

/** Whether an event has one of these types: by its name, or by its data where the server names its events otherwise or not at all. */
export function isOfType({ event, data }: SseFrame, types: ReadonlySet<string>): boolean {
  if (event !== undefined && types.has(event)) return true;
  // Words of the model may hold such a type too, so what only looks like it is parsed.
  if (!types.values().some((type) => data.includes(`"${type}"`))) return false;
  const body = parseJson(data);
  return isJsonObject(body) && typeof body['type'] === 'string' && types.has(body['type']);
}
