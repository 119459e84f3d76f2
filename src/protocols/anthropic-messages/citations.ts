import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Citation } from '../../model/part.ts';
import { carriedFields } from '../../model/protocol.ts';
import { unknownFields } from '../wire/carried.ts';
import { carryOf } from './carry-of.ts';

const known = new Set(['type', 'url', 'title', 'start_index', 'end_index']);

/**
 * A citation of a web page, or undefined for another kind (those point into documents of the request, for which the model has no word). The
 * wire quotes the page instead of telling where in the answer the citation stands: the quotation and its proof are carried, and the
 * place travels in two fields of our own.
 */
export function readCitation(value: Json): Citation | undefined {
  if (!isJsonObject(value) || value['type'] !== 'web_search_result_location') return undefined;
  const { url, title } = value;
  if (typeof url !== 'string') return undefined;
  const others = unknownFields(value, known);
  const told = others === undefined ? [] : Object.entries(others).filter(([key, field]) => field !== '' || !isText(key));
  return {
    url,
    title: typeof title === 'string' ? title : '',
    startIndex: position(value['start_index']),
    endIndex: position(value['end_index']),
    ...carryOf(told.length === 0 ? undefined : Object.fromEntries(told)),
  };
}

function isText(key: string): boolean {
  return key === 'cited_text' || key === 'encrypted_index';
}

/** A host that tells no place means the text as a whole. */
function position(value: Json | undefined): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

/** Clients ask for both texts; `encrypted_index` is empty where no search of Anthropic's proves the citation. */
export function writeCitation(citation: Citation): JsonObject {
  const { url, title, startIndex, endIndex, carry } = citation;
  const place = startIndex === 0 && endIndex === 0 ? {} : { start_index: startIndex, end_index: endIndex };
  return {
    cited_text: '',
    encrypted_index: '',
    ...carriedFields(carry, 'anthropic-messages'),
    type: 'web_search_result_location',
    url,
    title: title === '' ? null : title,
    ...place,
  };
}
