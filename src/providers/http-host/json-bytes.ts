import type { Json, JsonObject } from '../../model/json.ts';

/** From so many entries on, a list may well be long. */
const longListEntries = 8;

/**
 * A body as JSON in UTF-8. Of a long conversation each message is a text of its own: in one text of everything, a single letter beyond
 * Latin-1 would make two bytes of every letter, and it and its bytes take three times as long to make.
 */
export function jsonBytes(body: JsonObject): Buffer {
  const pieces = Object.values(body).some(isLongList) ? piecesOf(body) : [JSON.stringify(body)];
  const bytes = Buffer.allocUnsafe(pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0));
  let written = 0;
  for (const piece of pieces) written += bytes.write(piece, written);
  return bytes;
}

function piecesOf(body: JsonObject): readonly string[] {
  const pieces: string[] = [];
  for (const [field, value] of Object.entries(body)) {
    const name = `${pieces.length === 0 ? '{' : ','}${JSON.stringify(field)}:`;
    if (isLongList(value)) {
      for (const [index, entry] of value.entries()) pieces.push(index === 0 ? `${name}[` : ',', JSON.stringify(entry));
      pieces.push(']');
    } else {
      pieces.push(name, JSON.stringify(value));
    }
  }
  pieces.push('}');
  return pieces;
}

function isLongList(value: Json): value is readonly Json[] {
  return Array.isArray(value) && value.length >= longListEntries;
}
