import type { Json, JsonObject } from '../../model/json.ts';
import type { Citation, MediaPart, MediaSource, Part, TextPart } from '../../model/part.ts';
import { unknownFields } from '../wire/carried.ts';
import { at, isArray, optionalArray, optionalString, refuse, requireObject, requiredString } from '../wire/fields.ts';
import { readLogprobs } from '../wire/logprobs.ts';
import { audioFormatName, audioFormatOfUrl, readMediaUrl } from '../wire/media-url.ts';
import { pictureWishes } from '../openai-chat/read-content.ts';
import { said } from '../wire/said.ts';
import { readCacheMark } from './cache-mark.ts';
import { carryOf } from './carry-of.ts';
import { readCitation } from './citations.ts';

const textKeys = new Set(['type', 'text', 'prompt_cache_breakpoint']);
const outputKeys = new Set(['type', 'text', 'annotations', 'logprobs']);
const refusalKeys = new Set(['type', 'refusal']);
const siblings = ['type', 'prompt_cache_breakpoint', 'fps', 'min_pixels', 'max_pixels', 'total_pixels'];
const imageUrlKeys = new Set([...siblings, 'image_url', 'detail']);
const imageFileKeys = new Set([...siblings, 'file_id', 'detail']);
const videoKeys = new Set([...siblings, 'video_url']);
const audioKeys = new Set([...siblings, 'input_audio']);
const dataAndFormat = new Set(['data', 'format']);
const fileKeys = {
  file_id: new Set([...siblings, 'file_id', 'filename', 'detail']),
  file_url: new Set([...siblings, 'file_url', 'detail']),
  file_data: new Set([...siblings, 'file_data', 'detail']),
};

/** Content of a message or the output of a tool: a string is one text part, and the empty string is none. */
export function readContent(content: Json | undefined, path: string): readonly Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }];
  if (!isArray(content)) throw refuse(path, content, 'a string or an array of content parts');
  const parts = content.map((part, index) => readPart(part, `${path}[${index}]`));
  const [first] = parts;
  const saysNothing = parts.length === 1 && first?.kind === 'text' && first.text === '' && Object.keys(first).length === 2;
  return saysNothing ? [] : parts;
}

function readPart(value: Json, path: string): Part {
  const part = requireObject(value, path, 'a content part: an object with a type');
  const type = requiredString(part, 'type', path, 'a string such as "input_text"');
  switch (type) {
    case 'input_text':
    // The type of chat completions, which some callers keep.
    case 'text':
      return { kind: 'text', text: requiredString(part, 'text', path), ...marks(part, textKeys) };
    case 'output_text':
      return readOutputText(part, path);
    case 'refusal':
      return { kind: 'refusal', text: requiredString(part, 'refusal', path), ...carryOf(unknownFields(part, refusalKeys)) };
    case 'input_image':
      return readImage(part, path);
    case 'input_video':
      return readVideo(part, path);
    case 'input_audio':
      return readAudio(part, path);
    case 'input_file':
      return readFile(part, path);
    default:
      return { kind: 'opaque', protocol: 'openai-responses', value: part };
  }
}

/** Annotations that are no citations of a page are carried, behind those that are. */
export function readOutputText(part: JsonObject, path: string): TextPart {
  const citations: Citation[] = [];
  const others: Json[] = [];
  for (const annotation of optionalArray(part, 'annotations', path) ?? []) {
    const citation = readCitation(annotation);
    if (citation === undefined) others.push(annotation);
    else citations.push(citation);
  }
  return {
    kind: 'text',
    text: requiredString(part, 'text', path),
    ...(citations.length === 0 ? {} : { citations }),
    ...said({ logprobs: readLogprobs(part['logprobs']) }),
    ...carryOf(unknownFields(part, outputKeys), { annotations: others.length === 0 ? undefined : others }),
  };
}

/** An address, a `data:` URL, base64 text, or a file by its id. */
function readImage(part: JsonObject, path: string): MediaPart {
  const id = optionalString(part, 'file_id', path);
  const url = optionalString(part, 'image_url', path);
  if (id === undefined && url === undefined) {
    throw refuse(at(path, 'image_url'), part['image_url'], 'a string, or file_id must be given');
  }
  const source: MediaSource = url === undefined ? { kind: 'file', id: id ?? '' } : inline(part, 'image_url', path, 'image');
  return {
    kind: 'media',
    medium: 'image',
    source,
    ...said({ detail: optionalString(part, 'detail', path) }),
    ...pictureWishes(part, path),
    ...marks(part, url === undefined ? imageFileKeys : imageUrlKeys),
  };
}

function readVideo(part: JsonObject, path: string): MediaPart {
  const source = inline(part, 'video_url', path, 'video');
  return { kind: 'media', medium: 'video', source, ...pictureWishes(part, path), ...marks(part, videoKeys) };
}

/** A format that the address of a sound does not tell by its ending is carried. */
function readAudio(part: JsonObject, path: string): MediaPart {
  const inside = at(path, 'input_audio');
  const inner = requireObject(part['input_audio'], inside, 'an object with data and format');
  const source = inline(inner, 'data', inside, 'sound');
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

function readFile(part: JsonObject, path: string): MediaPart {
  const id = optionalString(part, 'file_id', path);
  const url = optionalString(part, 'file_url', path);
  const data = optionalString(part, 'file_data', path);
  const filename = optionalString(part, 'filename', path);
  let source: MediaSource;
  let known: ReadonlySet<string>;
  if (id !== undefined) [source, known] = [{ kind: 'file', id, ...said({ filename }) }, fileKeys.file_id];
  else if (data !== undefined) [source, known] = [inline(part, 'file_data', path, 'file'), fileKeys.file_data];
  else if (url !== undefined) [source, known] = [{ kind: 'url', url }, fileKeys.file_url];
  else throw refuse(at(path, 'file_id'), part['file_id'], 'a string, or file_url or file_data must be given');
  return {
    kind: 'media',
    medium: 'document',
    source,
    ...said({ detail: optionalString(part, 'detail', path) }),
    ...pictureWishes(part, path),
    ...marks(part, known),
  };
}

type InlineSource = Extract<MediaSource, { kind: 'url' | 'bytes' }>;

function inline(object: JsonObject, key: string, path: string, medium: string): InlineSource {
  const accepted = `an address, a data: URL or base64 text of the ${medium}`;
  const source = readMediaUrl(requiredString(object, key, path, accepted));
  if (source === undefined) throw refuse(at(path, key), object[key], accepted);
  return source;
}

/** The cache mark and the unknown fields of a part. A mark of a form not known here is carried like any unknown field. */
function marks(
  part: JsonObject,
  known: ReadonlySet<string>,
  inner: Readonly<Record<string, JsonObject | undefined>> = {},
): Pick<Part, 'cacheMark' | 'carry'> {
  const breakpoint = part['prompt_cache_breakpoint'];
  const cacheMark = readCacheMark(breakpoint);
  const isForeign = cacheMark === undefined && breakpoint !== undefined && breakpoint !== null;
  const unknown = unknownFields(part, known);
  const outer = isForeign ? { prompt_cache_breakpoint: breakpoint, ...unknown } : unknown;
  return { ...said({ cacheMark }), ...carryOf(outer, inner) };
}
