import type { Json, JsonObject } from '../../model/json.ts';
import { isJsonObject } from '../../model/json.ts';
import type { ReasoningPart } from '../../model/part.ts';
import { withCarried } from '../wire/carried.ts';
import { isArray } from '../wire/fields.ts';
import { wire } from '../wire/said.ts';
import type { Notices } from '../wire/notices.ts';
import { writeSeal } from './seal.ts';

/**
 * One reasoning item of a request, from the parts that share it. The text is its summary, which every host of this wire reads; where the
 * item came with its full text and no summary, that goes back instead.
 */
export function writeReasoning(
  thought: readonly { readonly part: ReasoningPart; readonly path: string }[],
  notices: Notices,
): JsonObject {
  let carried: JsonObject = {};
  let encrypted: string | undefined;
  for (const { part, path } of thought) {
    if (part.cacheMark !== undefined) notices.dropped(path, 'Responses have no cache mark on a thought.');
    carried = { ...carried, ...notices.own(part.carry, path) };
    if (part.seal === undefined) continue;
    if (part.seal.protocol === 'openai-responses') encrypted = writeSeal(part.seal);
    else notices.dropped(path, `The proof of this thought can only be read by ${part.seal.protocol}; its text is kept.`);
  }
  const texts = thought.map(({ part }) => part.text).filter((text) => text !== '');
  const { content, ...fields } = carried;
  const isFullText = content !== undefined && textOf(content) === texts.join('');
  const summary = isFullText ? [] : texts.map((text) => ({ type: 'summary_text', text }));
  const written = wire({ type: 'reasoning', summary, content, encrypted_content: encrypted, id: thought[0]?.part.itemId });
  return withCarried(written, fields);
}

function textOf(content: Json): string {
  if (!isArray(content)) return '';
  return content.map((piece) => (isJsonObject(piece) && typeof piece['text'] === 'string' ? piece['text'] : '')).join('');
}
