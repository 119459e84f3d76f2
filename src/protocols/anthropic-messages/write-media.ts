import { isJsonObject } from '../../model/json.ts';
import type { JsonObject } from '../../model/json.ts';
import type { MediaPart } from '../../model/part.ts';
import { mediaTypeOf } from './media-type.ts';
import type { Notices } from '../wire/notices.ts';

/** The block of a picture or document, or undefined, with a notice, where this wire cannot say it. `carried`: the part's own unknown fields. */
export function writeMedia(part: MediaPart, path: string, carried: JsonObject, notices: Notices): JsonObject | undefined {
  const { medium } = part;
  if (medium === 'audio' || medium === 'video') {
    notices.dropped(path, `Anthropic Messages have no ${medium}.`);
    return undefined;
  }
  const source = writeSource(part, medium, path, carried, notices);
  if (source === undefined) return undefined;
  noteWishes(part, path, notices);
  return { type: medium, source };
}

function writeSource(
  part: MediaPart,
  medium: 'image' | 'document',
  path: string,
  carried: JsonObject,
  notices: Notices,
): JsonObject | undefined {
  const { source } = part;
  switch (source.kind) {
    case 'url':
      return { type: 'url', url: source.url };
    case 'file':
      if (source.filename !== undefined) notices.dropped(path, 'Anthropic Messages name a file by its id alone.');
      return { type: 'file', file_id: source.id };
    case 'frames':
      notices.dropped(path, 'Anthropic Messages have no list of pictures as one.');
      return undefined;
    case 'bytes': {
      const asBlocks = carried['source'];
      // A document that was blocks of text goes back as the blocks it was.
      if (isJsonObject(asBlocks) && asBlocks['type'] === 'content') return asBlocks;
      const type = mediaTypeOf(medium, source.format, source.base64) ?? assumed(medium, path, notices);
      const text = medium === 'document' && type.startsWith('text/') ? textOf(source.base64) : undefined;
      if (text === undefined) return { type: 'base64', media_type: type, data: source.base64 };
      if (type !== 'text/plain')
        notices.add('clamped', path, `Anthropic Messages have no documents of ${type}; it is sent as plain text.`);
      return { type: 'text', media_type: 'text/plain', data: text };
    }
  }
}

function assumed(medium: 'image' | 'document', path: string, notices: Notices): string {
  const type = medium === 'image' ? 'image/png' : 'application/pdf';
  notices.add('clamped', path, `The format of the ${medium} was not said and this wire wants one; ${type} is assumed.`);
  return type;
}

/** The text of base64 bytes, or undefined where they are no UTF-8 text that would come back the same. */
function textOf(base64: string): string | undefined {
  const text = Buffer.from(base64, 'base64').toString();
  return Buffer.from(text).toString('base64') === base64 ? text : undefined;
}

/** What other protocols say of media and this one has no word for. */
function noteWishes(part: MediaPart, path: string, notices: Notices): void {
  const { detail, framesPerSecond, minPixels, maxPixels, totalPixels, transcript, id, expiresAt } = part;
  const said = { detail, framesPerSecond, minPixels, maxPixels, totalPixels, transcript, id, expiresAt };
  const names = Object.entries(said).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (names.length > 0)
    notices.dropped(path, `Anthropic Messages have no word for these wishes of a ${part.medium}: ${names.join(', ')}.`);
}
