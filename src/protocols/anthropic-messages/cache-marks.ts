import type { JsonObject } from '../../model/json.ts';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { writeCacheMark } from '../wire/cache-mark.ts';
import { maxMarks } from './check-marks.ts';
import type { Notices } from '../wire/notices.ts';

const shortSeconds = 300;
const longSeconds = 3600;

/**
 * Writes the cache marks of one request, at most four: the last ones count, as at Alibaba, because they cover the longest prompts. Parts
 * must be asked for in their order.
 */
export class CacheMarks {
  readonly #notices: Notices;
  #skip: number;

  constructor(request: GenerateRequest, notices: Notices) {
    this.#notices = notices;
    const marked = request.turns.flatMap((turn) => turn.parts).reduce((sum, part) => sum + marksOf(part), 0);
    this.#skip = Math.max(0, marked + carriedMarks(request) - maxMarks);
  }

  /** The `cache_control` of a part as fields of its block: none where it has no mark. */
  write(part: Part, path: string): JsonObject {
    const mark = part.cacheMark;
    if (mark === undefined) return {};
    if (this.#skip > 0) {
      this.#skip -= 1;
      this.#notices.dropped(path, `Anthropic Messages take ${maxMarks} cache marks; the last ones are kept.`);
      return {};
    }
    const seconds = mark.lifetimeSeconds;
    if (seconds === undefined || seconds === shortSeconds || seconds === longSeconds)
      return { cache_control: writeCacheMark(mark) };
    const kept = seconds < shortSeconds ? shortSeconds : longSeconds;
    this.#notices.add('clamped', path, `Anthropic Messages keep a cache for 300 or 3600 seconds; ${seconds} became ${kept}.`);
    return { cache_control: writeCacheMark({ lifetimeSeconds: kept }) };
  }
}

/** Thoughts cannot be marked here, so their marks take no place. */
function marksOf(part: Part): number {
  const own = part.cacheMark === undefined || part.kind === 'reasoning' || part.kind === 'opaque' ? 0 : 1;
  return part.kind === 'tool-result' ? part.parts.reduce((sum, inner) => sum + marksOf(inner), own) : own;
}

/** Marks on tools and on the request as a whole have no word, so they are carried. */
function carriedMarks(request: GenerateRequest): number {
  return [request, ...request.tools].filter(
    ({ carry }) => carry?.protocol === 'anthropic-messages' && carry.fields['cache_control'] !== undefined,
  ).length;
}
