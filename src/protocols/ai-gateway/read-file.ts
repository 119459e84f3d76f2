import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { MediaPart, MediaSource, Part } from '../../model/part.ts';
import { unknownFields } from '../wire/carried.ts';
import { at, oneOf, optionalString, refuse, requireObject, requiredString } from '../wire/fields.ts';
import { readMediaUrl } from '../wire/media-url.ts';
import { said } from '../wire/said.ts';
import { carryOf } from './carry-of.ts';
import { formatOf, mediaTypeOfUrl, mediumOf } from './media-type.ts';
import { isNumber, isText, Words } from './words.ts';

const fileKeys = new Set(['type', 'data', 'mediaType', 'filename', 'providerOptions']);
const dataKeys: Readonly<Record<string, ReadonlySet<string>>> = {
  data: new Set(['type', 'data']),
  url: new Set(['type', 'url']),
  text: new Set(['type', 'text']),
  reference: new Set(['type', 'reference']),
};

/**
 * A file of a prompt or of a tool result, in the form of either specification: `data` is a string in 3 (an address, a `data:` URL or
 * base64), and an object in 4 that says which. Undefined for a file in the store of another vendor, which only this protocol can say.
 */
export function readFile(part: JsonObject, path: string): Part | undefined {
  const mediaType = requiredString(part, 'mediaType', path, 'a media type such as "image/png" or "image/*"');
  const data = part['data'];
  const source = readData(data, mediaType, at(path, 'data'));
  if (source === undefined) return undefined;
  const medium = mediumOf(mediaType);
  const filename = optionalString(part, 'filename', path);
  const isNamed = source.kind === 'file' && filename !== undefined;
  const isUntold = source.kind === 'url' && formatOf(mediaType) !== undefined && mediaType !== mediaTypeOfUrl(medium, source.url);
  const words = new Words(part['providerOptions']);
  const mark = words.takeCacheMark();
  const read: MediaPart = {
    kind: 'media',
    medium,
    source: isNamed ? { ...source, filename } : source,
    ...readMediaWords(words),
    ...(mark === undefined ? {} : { cacheMark: mark }),
  };
  const outer = {
    ...(isUntold ? { mediaType } : {}),
    ...(filename === undefined || isNamed ? {} : { filename }),
    ...unknownFields(part, fileKeys),
  };
  const inner = { data: unknownInData(data), providerOptions: words.rest() };
  return { ...read, ...carryOf(Object.keys(outer).length === 0 ? undefined : outer, inner) };
}

/** What the specification has no words for; OpenAI's provider has one for the detail. */
export function readMediaWords(words: Words): Partial<MediaPart> {
  return said({
    itemId: words.takeItemId(),
    detail: words.take('openai', 'imageDetail', isText),
    framesPerSecond: words.take('flashmux', 'fps', isNumber),
    minPixels: words.take('flashmux', 'minPixels', isNumber),
    maxPixels: words.take('flashmux', 'maxPixels', isNumber),
    totalPixels: words.take('flashmux', 'totalPixels', isNumber),
    transcript: words.take('flashmux', 'transcript', isText),
    id: words.take('flashmux', 'id', isText),
    expiresAt: words.take('flashmux', 'expiresAt', isNumber),
  });
}

const stringForm = 'an address, a data: URL or base64 text';

function readData(data: Json | undefined, mediaType: string, path: string): MediaSource | undefined {
  if (typeof data === 'string') return inline(data, mediaType, path, stringForm);
  const object = requireObject(data, path, `${stringForm}, or an object with a type`);
  const type = requiredString(object, 'type', path, oneOf(Object.keys(dataKeys)));
  switch (type) {
    case 'data':
      return inline(requiredString(object, 'data', path, 'base64 text'), mediaType, at(path, 'data'), 'base64 text');
    case 'url':
      return inline(requiredString(object, 'url', path, 'an address'), mediaType, at(path, 'url'), 'an address or a data: URL');
    case 'text': {
      const base64 = Buffer.from(requiredString(object, 'text', path)).toString('base64');
      return bytes(base64, formatOf(mediaType));
    }
    case 'reference':
      return ownFile(object['reference'], at(path, 'reference'));
    default:
      throw refuse(at(path, 'type'), type, oneOf(Object.keys(dataKeys)));
  }
}

function inline(text: string, mediaType: string, path: string, accepted: string): MediaSource {
  const source = readMediaUrl(text);
  if (source === undefined) throw refuse(path, text, accepted);
  if (source.kind === 'url') return source;
  // The type of the part is the more exact one, unless it names a family only.
  return bytes(source.base64, formatOf(mediaType) ?? (source.format === undefined ? undefined : formatOf(source.format)));
}

function bytes(base64: string, format: string | undefined): MediaSource {
  return { kind: 'bytes', base64, ...(format === undefined ? {} : { format }) };
}

/** A reference names one file at each of several vendors; ours is the one under `flashmux`, alone. */
function ownFile(value: Json | undefined, path: string): MediaSource | undefined {
  const reference = requireObject(value, path, 'an object of file ids by provider');
  const id = reference['flashmux'];
  return typeof id === 'string' && Object.keys(reference).length === 1 ? { kind: 'file', id } : undefined;
}

function unknownInData(data: Json | undefined): JsonObject | undefined {
  if (!isJsonObject(data) || typeof data['type'] !== 'string') return undefined;
  return unknownFields(data, dataKeys[data['type']] ?? new Set());
}
