import { isUtf8 } from 'node:buffer';
import { isJsonObject, parseJson, type Json } from '../model/json.ts';
import type { ByteChunks } from './byte-chunks.ts';
import { JsonOutline, type ListPlace, type ListSlice } from './json-outline.ts';

/** Little enough that a letter beyond Latin-1 widens few others, much enough that parsing costs more than having it done. */
const usualSliceBytes = 4_096;

/** No protocol has more lists, and hardly one has more beside them; a body of nothing but fields would take several times as long. */
const mostLists = 64;
const mostBesideLists = 256 * 1024;

/**
 * Parses a body whose outermost value is an object, the lists in it a few entries at a time. Undefined where it is something else, no
 * JSON, nested deeper than `maxDepth`, or not mostly a few lists: what holds then is said by whoever parses the whole. `sliceBytes`: of a
 * list, so many are parsed at once, or one entry that has more.
 *
 * In one text of a whole conversation, a single letter beyond Latin-1 makes two bytes of each letter. All steps then take twice as long,
 * and texts and bytes of that size lie outside of V8's heap, where only a full collection finds them: one for every third body of 4 MB, a
 * third of all that such a body cost.
 */
export function readJsonSlices(bytes: ByteChunks, maxDepth: number, sliceBytes = usualSliceBytes): Json | undefined {
  const outline = new JsonOutline({ maxDepth, sliceCharacters: sliceBytes });
  // A letter a byte, so that places in the text are places in the bytes.
  for (const chunk of bytes.list) outline.read(chunk.toString('latin1'));
  const { tooDeepAt, lists } = outline;
  if (tooDeepAt !== undefined || lists.length > mostLists) return undefined;
  const rest = withoutLists(bytes, lists);
  const value = rest === undefined || rest.length > mostBesideLists ? undefined : parseJson(rest);
  if (!isJsonObject(value)) return undefined;
  const read = lists.map((list) => readList(bytes, list));
  const fields: [string, Json][] = [];
  for (const [name, field] of Object.entries(value)) {
    const [index] = isList(field) ? field : [];
    const own = typeof index === 'number' ? read[index] : field;
    if (own === undefined) return undefined;
    fields.push([name, own]);
  }
  return read.includes(undefined) ? undefined : Object.fromEntries(fields);
}

/** The text with the number of each list in place of its entries. */
function withoutLists(bytes: ByteChunks, lists: readonly ListPlace[]): string | undefined {
  let text = '';
  let from = 0;
  for (const [index, { start, end = start }] of lists.entries()) {
    const before = textBetween(bytes, from, start);
    if (before === undefined) return undefined;
    text += before + index;
    from = end;
  }
  const last = textBetween(bytes, from, bytes.length);
  return last === undefined ? undefined : text + last;
}

function readList(bytes: ByteChunks, { end, slices }: ListPlace): readonly Json[] | undefined {
  if (end === undefined) return undefined;
  const entries: Json[] = [];
  for (const slice of slices) {
    const read = readSlice(bytes, slice);
    // No entry beside a comma: that is no JSON.
    if (read === undefined || (read.length === 0 && slices.length > 1)) return undefined;
    for (const entry of read) entries.push(entry);
  }
  return entries;
}

function readSlice(bytes: ByteChunks, { start, end, isOneEntry }: ListSlice): readonly Json[] | undefined {
  const text = textBetween(bytes, start, end);
  if (text === undefined) return undefined;
  // Brackets around a long text would be a copy of it.
  const read = parseJson(isOneEntry ? text : `[${text}]`);
  if (isOneEntry) return read === undefined ? undefined : [read];
  return isList(read) ? read : undefined;
}

/** Undefined where it is no UTF-8. */
function textBetween(bytes: ByteChunks, start: number, end: number): string | undefined {
  const part = bytes.between(start, end);
  return isUtf8(part) ? part.toString('utf8') : undefined;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
