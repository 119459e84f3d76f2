import type { Json, JsonObject } from '../../model/json.ts';
import type { CacheMark, MediaPart, MediaSource, Part } from '../../model/part.ts';
import { readCacheMark } from '../wire/cache-mark.ts';
import { unknownFields } from '../wire/carried.ts';
import { carryOf } from './carry-of.ts';
import { at, isArray, optionalNumber, optionalString, refuse, requireObject, requiredString } from '../wire/fields.ts';
import { audioFormatName, audioFormatOfUrl, readMediaUrl } from '../wire/media-url.ts';
import { said } from '../wire/said.ts';

const contentForms = 'a string or an array of content parts';

const textKeys = new Set(['type', 'text', 'cache_control']);
const refusalKeys = new Set(['type', 'refusal', 'cache_control']);
const siblings = ['type', 'cache_control', 'fps', 'min_pixels', 'max_pixels', 'total_pixels'];
const imageKeys = new Set([...siblings, 'image_url']);
const audioKeys = new Set([...siblings, 'input_audio']);
const videoUrlKeys = new Set([...siblings, 'video_url']);
const videoKeys = new Set([...siblings, 'video']);
const fileKeys = new Set([...siblings, 'file']);
const urlAndDetail = new Set(['url', 'detail']);
const dataAndFormat = new Set(['data', 'format']);

/** Content of a message: a string is one text part, and the empty string is none. */
export function readContent(content: Json | undefined, path: string): readonly Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }];
  if (!isArray(content)) throw refuse(path, content, contentForms);
  const parts = content.map((part, index) => readPart(part, `${path}[${index}]`));
  const first = parts[0];
  const saysNothing = parts.length === 1 && first?.kind === 'text' && first.text === '' && isPlain(first);
  return saysNothing ? [] : parts;
}

/** True for a part without marks, which leaves an empty text nothing to say. */
function isPlain(part: Part): boolean {
  return part.cacheMark === undefined && part.carry === undefined;
}

function readPart(value: Json, path: string): Part {
  const part = requireObject(value, path, 'a content part: an object with a type');
  const type = requiredString(part, 'type', path, 'a string such as "text"');
  switch (type) {
    case 'text':
      return { kind: 'text', text: requiredString(part, 'text', path), ...marks(part, textKeys) };
    case 'refusal':
      return { kind: 'refusal', text: requiredString(part, 'refusal', path), ...marks(part, refusalKeys) };
    case 'image_url':
      return readUrlPart(part, path, 'image', imageKeys);
    case 'video_url':
      return readUrlPart(part, path, 'video', videoUrlKeys);
    case 'input_audio':
      return readAudioPart(part, path);
    case 'video':
      return readFramesPart(part, path);
    case 'file':
      return readFilePart(part, path);
    default:
      return { kind: 'opaque', protocol: 'openai-chat', value: part };
  }
}

/** `{image_url: {url, detail}}` and `{video_url: {url}}`. A bare string in place of the object is accepted, as vLLM accepts it. */
function readUrlPart(part: JsonObject, path: string, medium: 'image' | 'video', known: ReadonlySet<string>): MediaPart {
  const key = `${medium}_url`;
  const given = part[key];
  const inner = typeof given === 'string' ? { url: given } : requireObject(given, at(path, key), 'an object with a url');
  const url = at(at(path, key), 'url');
  const accepted = `an address, a data: URL or base64 text of the ${medium}`;
  const source = readMediaUrl(requiredString(inner, 'url', at(path, key), accepted));
  if (source === undefined) throw refuse(url, inner['url'], accepted);
  const detail = optionalString(inner, 'detail', at(path, key));
  return {
    kind: 'media',
    medium,
    source,
    ...(detail === undefined ? {} : { detail }),
    ...pictureWishes(part, path),
    ...marks(part, known, { [key]: unknownFields(inner, urlAndDetail) }),
  };
}

/** `data` is base64 text, a `data:` URL or an address (seed AI/ML API allows both). A format that the
 * address does not tell by its ending is carried. */
function readAudioPart(part: JsonObject, path: string): MediaPart {
  const inside = at(path, 'input_audio');
  const inner = requireObject(part['input_audio'], inside, 'an object with data and format');
  const accepted = 'base64 text, a data: URL or an address of the sound';
  const source = readMediaUrl(requiredString(inner, 'data', inside, accepted));
  if (source === undefined) throw refuse(at(inside, 'data'), inner['data'], accepted);
  const format = requiredString(inner, 'format', inside, 'the name of a sound format, such as "wav" or "mp3"');
  const unknown = unknownFields(inner, dataAndFormat);
  const isTold = source.kind === 'bytes' || audioFormatOfUrl(source.url) === format;
  return {
    kind: 'media',
    medium: 'audio',
    source: source.kind === 'url' ? source : { ...source, format: audioFormatName(format) },
    ...pictureWishes(part, path),
    ...marks(part, audioKeys, { input_audio: isTold ? unknown : { format, ...unknown } }),
  };
}

function readFramesPart(part: JsonObject, path: string): MediaPart {
  const inside = at(path, 'video');
  const list = part['video'];
  const accepted = 'an array of picture addresses';
  if (!isArray(list) || list.length === 0) throw refuse(inside, list, accepted);
  const urls = list.map((url, index) => {
    if (typeof url !== 'string') throw refuse(`${inside}[${index}]`, url, 'a string');
    return url;
  });
  return {
    kind: 'media',
    medium: 'video',
    source: { kind: 'frames', urls },
    ...pictureWishes(part, path),
    ...marks(part, videoKeys),
  };
}

function readFilePart(part: JsonObject, path: string): MediaPart {
  const inside = at(path, 'file');
  const inner = requireObject(part['file'], inside, 'an object with file_id or file_data');
  const id = optionalString(inner, 'file_id', inside);
  const data = optionalString(inner, 'file_data', inside);
  const filename = optionalString(inner, 'filename', inside);
  if (id === undefined && data === undefined)
    throw refuse(at(inside, 'file_id'), undefined, 'a string, or file_data must be given');
  const known = new Set(id === undefined ? ['file_id', 'file_data'] : ['file_id', 'filename']);
  let source: MediaSource | undefined;
  if (id !== undefined) source = { kind: 'file', id, ...(filename === undefined ? {} : { filename }) };
  else source = readMediaUrl(data ?? '');
  if (source === undefined) throw refuse(at(inside, 'file_data'), data, 'base64 text, a data: URL or an address of the file');
  return {
    kind: 'media',
    medium: 'document',
    source,
    ...pictureWishes(part, path),
    ...marks(part, fileKeys, { file: unknownFields(inner, known) }),
  };
}

/** Alibaba's siblings of a picture or clip (Model Studio documentation, 2026-09). */
export function pictureWishes(
  part: JsonObject,
  path: string,
): Pick<MediaPart, 'framesPerSecond' | 'minPixels' | 'maxPixels' | 'totalPixels'> {
  if (part['fps'] === undefined && Object.keys(part).length === 2) return {};
  return said({
    framesPerSecond: optionalNumber(part, 'fps', path, { min: 0.1, max: 10 }),
    minPixels: optionalNumber(part, 'min_pixels', path, { min: 1, whole: true }),
    maxPixels: optionalNumber(part, 'max_pixels', path, { min: 1, whole: true }),
    totalPixels: optionalNumber(part, 'total_pixels', path, { min: 1, whole: true }),
  });
}

/** The cache mark and the unknown fields of a part. A `cache_control` of a form not known here is carried like any unknown field. */
function marks(
  part: JsonObject,
  known: ReadonlySet<string>,
  inner: Readonly<Record<string, JsonObject | undefined>> = {},
): Pick<Part, 'cacheMark' | 'carry'> {
  const control = part['cache_control'];
  const cacheMark: CacheMark | undefined = readCacheMark(control);
  const isForeign = cacheMark === undefined && control !== undefined && control !== null;
  const unknown = unknownFields(part, known);
  const outer = isForeign ? { cache_control: control, ...unknown } : unknown;
  return { ...(cacheMark === undefined ? {} : { cacheMark }), ...carryOf(outer, inner) };
}
