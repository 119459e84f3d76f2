import { isJsonObject } from '../../model/json.ts';
import type { Json } from '../../model/json.ts';
import type { Citation } from '../../model/part.ts';
import { unknownFields } from '../wire/carried.ts';
import { carryOf } from './carry-of.ts';

const keys = new Set(['type', 'url', 'title', 'start_index', 'end_index']);

/** An annotation as a citation, or undefined where it is another kind or points nowhere; positions count in the text of its part. */
export function readCitation(annotation: Json | undefined): Citation | undefined {
  if (!isJsonObject(annotation) || annotation['type'] !== 'url_citation' || typeof annotation['url'] !== 'string')
    return undefined;
  const { url, title, start_index: startIndex, end_index: endIndex } = annotation;
  if (!isPosition(startIndex) || !isPosition(endIndex)) return undefined;
  return {
    url,
    title: typeof title === 'string' ? title : '',
    startIndex,
    endIndex,
    ...carryOf(unknownFields(annotation, keys)),
  };
}

function isPosition(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** All five keys: @ai-sdk/openai refuses the answer where one is missing (measured, 2026-11). */
export function writeCitation({ url, title, startIndex, endIndex }: Citation) {
  return { type: 'url_citation' as const, url, title, start_index: startIndex, end_index: endIndex };
}
