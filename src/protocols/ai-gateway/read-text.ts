import type { Json, JsonObject } from '../../model/json.ts';
import type { Part } from '../../model/part.ts';
import { unknownFields } from '../wire/carried.ts';
import { requiredString } from '../wire/fields.ts';
import { readLogprobs } from '../wire/logprobs.ts';
import { carryOf } from './carry-of.ts';
import { isList, isTrue, Words } from './words.ts';

const textKeys = new Set(['type', 'text', 'providerOptions']);

/** A text; a refusal is one with a mark, because the specification has no part for it. */
export function readText(part: JsonObject, path: string): Part {
  const words = new Words(part['providerOptions']);
  const text = requiredString(part, 'text', path);
  const isRefusal = words.take('flashmux', 'refusal', isTrue) === true;
  const logprobs = readLogprobs(words.take('flashmux', 'logprobs', isList));
  // Metadata of an answer that say nothing to a model come back with it.
  words.take('flashmux', 'citations', isList);
  return {
    kind: isRefusal ? 'refusal' : 'text',
    text,
    ...(logprobs === undefined ? {} : { logprobs }),
    ...marks(words),
    ...carryOf(unknownFields(part, textKeys), { providerOptions: words.rest() }),
  };
}

/** What any part can say. */
export function marks(words: Words): Pick<Part, 'cacheMark' | 'itemId'> {
  const cacheMark = words.takeCacheMark();
  const itemId = words.takeItemId();
  return { ...(cacheMark === undefined ? {} : { cacheMark }), ...(itemId === undefined ? {} : { itemId }) };
}

/** A block that only this protocol can say. */
export function opaque(value: Json): Part {
  return { kind: 'opaque', protocol: 'ai-gateway', value };
}
