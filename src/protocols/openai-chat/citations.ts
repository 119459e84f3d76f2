import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Citation } from '../../model/part.ts';

/**
 * An annotation as a citation, or undefined where it is none. `offset`: characters of the message before the part, because this wire
 * counts in the message and the model in the part. A citation that points before its part is none of the part's.
 */
export function readCitation(annotation: Json, offset: number): Citation | undefined {
  if (!isJsonObject(annotation) || annotation['type'] !== 'url_citation') return undefined;
  const inner = annotation['url_citation'];
  if (!isJsonObject(inner) || typeof inner['url'] !== 'string') return undefined;
  const { url, title } = inner;
  const startIndex = position(inner['start_index'], offset);
  const endIndex = position(inner['end_index'], offset);
  if (startIndex === undefined || endIndex === undefined) return undefined;
  return { url, title: typeof title === 'string' ? title : '', startIndex, endIndex };
}

/** A host that tells no place means the text as a whole. */
function position(value: Json | undefined, offset: number): number | undefined {
  if (value === undefined || value === null) return 0;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= offset ? value - offset : undefined;
}

export function writeCitation(citation: Citation, offset: number): JsonObject {
  return {
    type: 'url_citation',
    url_citation: {
      start_index: citation.startIndex + offset,
      end_index: citation.endIndex + offset,
      title: citation.title,
      url: citation.url,
    },
  };
}
