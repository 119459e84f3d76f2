import { FlashmuxError } from '../../model/fault.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { MediaPart } from '../../model/part.ts';
import { unknownFields } from '../wire/carried.ts';
import { at, isArray, oneOf, refuse, requireObject, requiredString } from '../wire/fields.ts';
import { readMediaUrl } from '../wire/media-url.ts';

/** What a source says, with the fields of the `source` object that have no word. */
export type ReadSource = Pick<MediaPart, 'source'> & { readonly unknown: JsonObject | undefined };

const imageTypes = ['base64', 'url', 'file'];
const documentTypes = ['base64', 'text', 'content', 'url', 'file'];
const bytesKeys = new Set(['type', 'media_type', 'data']);
const urlKeys = new Set(['type', 'url']);
const fileKeys = new Set(['type', 'file_id']);

const base64Head = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** The `source` of an image or document. Undefined where the document holds other blocks than text, which only this protocol can say. */
export function readSource(block: JsonObject, path: string, medium: 'image' | 'document'): ReadSource | undefined {
  const inside = at(path, 'source');
  const source = requireObject(block['source'], inside, 'an object with a type');
  const types = medium === 'image' ? imageTypes : documentTypes;
  const type = requiredString(source, 'type', inside, oneOf(types));
  if (!types.includes(type)) throw refuse(at(inside, 'type'), type, oneOf(types));
  switch (type) {
    case 'base64':
      return readBytes(source, inside, medium);
    case 'url':
      return readUrl(source, inside, medium);
    case 'file':
      return {
        source: { kind: 'file', id: requiredString(source, 'file_id', inside, 'the id of a file') },
        unknown: unknownFields(source, fileKeys),
      };
    case 'text':
      return readText(source, inside);
    default:
      return readBlocks(source, inside);
  }
}

function readBytes(source: JsonObject, path: string, medium: 'image' | 'document'): ReadSource {
  const format = requiredString(
    source,
    'media_type',
    path,
    medium === 'image' ? 'a type such as "image/png"' : '"application/pdf"',
  );
  const family = format.split('/', 1)[0];
  const fits = medium === 'image' ? family === 'image' : family !== 'image' && family !== 'audio' && family !== 'video';
  if (!fits) {
    const param = at(path, 'media_type');
    throw new FlashmuxError('unsupported_media', `${param} is no type of ${medium === 'image' ? 'an image' : 'a document'}.`, {
      param,
    });
  }
  const accepted = `the base64 text of the ${medium}, without a data: prefix`;
  const base64 = requiredString(source, 'data', path, accepted);
  // Only the start is looked at: it may be many megabytes, and whoever decodes it will see the rest.
  if (!base64Head.test(base64.length > 256 ? base64.slice(0, 256) : base64)) throw refuse(at(path, 'data'), base64, accepted);
  return { source: { kind: 'bytes', base64, format }, unknown: unknownFields(source, bytesKeys) };
}

function readUrl(source: JsonObject, path: string, medium: string): ReadSource {
  const accepted = `the address of the ${medium}`;
  const url = requiredString(source, 'url', path, accepted);
  const read = readMediaUrl(url);
  const isBare = read?.kind === 'bytes' && read.format === undefined;
  if (read === undefined || isBare) throw refuse(at(path, 'url'), url, accepted);
  return { source: read, unknown: unknownFields(source, urlKeys) };
}

/** Text becomes bytes of type text/plain: a document that every protocol with documents can say. */
function readText(source: JsonObject, path: string): ReadSource {
  const type = source['media_type'];
  if (type !== undefined && type !== null && type !== 'text/plain') throw refuse(at(path, 'media_type'), type, '"text/plain"');
  return {
    source: textBytes(requiredString(source, 'data', path, 'the text of the document'), at(path, 'data')),
    unknown: unknownFields(source, bytesKeys),
  };
}

/**
 * A document made of blocks. Where they are text it is read as their text, and the blocks are carried, because citations count in them.
 */
function readBlocks(source: JsonObject, path: string): ReadSource | undefined {
  const content = source['content'];
  const inside = at(path, 'content');
  if (typeof content === 'string') return { source: textBytes(content, inside), unknown: source };
  if (!isArray(content)) throw refuse(inside, content, 'a string or an array of content blocks');
  const texts = content.map((block, index) => textOf(block, `${inside}[${index}]`));
  if (texts.some((text) => text === undefined)) return undefined;
  return { source: textBytes(texts.join('\n\n'), inside), unknown: source };
}

function textOf(value: Json, path: string): string | undefined {
  const block = requireObject(value, path, 'a content block: an object with a type');
  return block['type'] === 'text' ? requiredString(block, 'text', path) : undefined;
}

function textBytes(text: string, path: string): MediaPart['source'] {
  // Anthropic refuses such text as well; as bytes it would come back changed.
  if (!text.isWellFormed())
    throw new FlashmuxError('invalid_request', `${path} holds half of a surrogate pair; it must be Unicode text.`, {
      param: path,
    });
  return { kind: 'bytes', base64: Buffer.from(text).toString('base64'), format: 'text/plain' };
}
