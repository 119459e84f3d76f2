import { isJsonObject } from '../../model/json.ts';
import type { JsonObject } from '../../model/json.ts';
import type { OpaquePart, Part } from '../../model/part.ts';
import type { Turn } from '../../model/turn.ts';
import type { Notices } from '../wire/notices.ts';

/** A turn with its place in the caller's request. */
export interface PlacedTurn {
  readonly turn: Turn;
  readonly path: string;
}

/** A part with its place. */
export interface PlacedPart {
  readonly part: Part;
  readonly path: string;
}

export function placedParts({ turn, path }: PlacedTurn): readonly PlacedPart[] {
  return turn.parts.map((part, index) => ({ part, path: `${path}.content[${index}]` }));
}

/** An item of an unknown kind goes back as it came. */
export function writeOpaque({ protocol, value }: OpaquePart, path: string, notices: Notices): JsonObject | undefined {
  if (protocol === 'openai-responses' && isJsonObject(value)) return value;
  notices.dropped(path, `Responses have no place for this block of ${protocol}.`);
  return undefined;
}
