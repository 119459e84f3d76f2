import { isJsonObject, parseJson } from '../../model/json.ts';
import type { SseFrame } from '../../protocols/codec.ts';

/** The type of an event: its name where it has one, else what its data says. Some servers leave the line `event:` out. */
export function frameType({ event, data }: SseFrame): string | undefined {
  if (event !== undefined) return event;
  const body = parseJson(data);
  const type = isJsonObject(body) ? body['type'] : undefined;
  return typeof type === 'string' ? type : undefined;
}
