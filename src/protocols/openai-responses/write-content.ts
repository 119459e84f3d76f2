import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Citation, MediaPart, Part, TextPart } from '../../model/part.ts';
import { carriedFields } from '../../model/protocol.ts';
import { withCarried } from '../wire/carried.ts';
import { isArray } from '../wire/fields.ts';
import { audioFormatName, audioFormatOfUrl, writeMediaUrl } from '../wire/media-url.ts';
import { wire } from '../wire/said.ts';
import { pictureWishes } from '../openai-chat/write-content.ts';
import { writeCacheMark } from './cache-mark.ts';
import { writeCitation } from './citations.ts';
import { writeLogprobs } from './logprobs.ts';
import type { Notices } from '../wire/notices.ts';
import type { PlacedPart } from './placed.ts';

/** Content of a message that is not the model's, or the output of a tool. One plain text is a string. */
export function writeContent(placed: readonly PlacedPart[], notices: Notices): Json {
  const parts = placed.map(({ part, path }) => writePart(part, path, notices)).filter((part) => part !== undefined);
  const [first] = parts;
  if (first === undefined) return '';
  const isPlain = parts.length === 1 && isJsonObject(first) && first['type'] === 'input_text' && Object.keys(first).length === 2;
  return isPlain ? (first['text'] ?? '') : parts;
}

function writePart(part: Part, path: string, notices: Notices): Json | undefined {
  switch (part.kind) {
    case 'text':
      noteExtras(part, path, notices);
      return marked({ type: 'input_text', text: part.text }, part, path, notices);
    case 'refusal':
      notices.add('moved', path, 'Only the model refuses in Responses; this refusal is sent as text.');
      return marked({ type: 'input_text', text: part.text }, part, path, notices);
    case 'media': {
      const written = writeMedia(part, path, notices);
      return written === undefined ? undefined : marked({ ...written, ...pictureWishes(part) }, part, path, notices);
    }
    case 'opaque':
      if (part.protocol === 'openai-responses') return part.value;
      notices.dropped(path, `Responses have no place for this block of ${part.protocol}.`);
      return undefined;
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
      notices.dropped(path, `A message of Responses cannot hold a ${part.kind} at this place.`);
      return undefined;
  }
}

function noteExtras(part: TextPart, path: string, notices: Notices): void {
  if (part.citations !== undefined || part.logprobs !== undefined) {
    notices.dropped(path, 'Responses have citations and log probabilities in text of the model only; the text is kept.');
  }
}

function marked(written: JsonObject, part: Part, path: string, notices: Notices): JsonObject {
  const mark = part.cacheMark === undefined ? {} : { prompt_cache_breakpoint: writeCacheMark(part.cacheMark, path, notices) };
  return withCarried({ ...written, ...mark }, notices.own(part.carry, path));
}

/** Text or a refusal of the model, with all that an answer says of it. */
export function writeSpoken(part: Extract<Part, { kind: 'text' | 'refusal' }>, path: string, notices: Notices): JsonObject {
  if (part.cacheMark !== undefined) notices.dropped(path, 'Responses have no cache mark on what the model said.');
  const { item: _, ...carried } = notices.own(part.carry, path);
  if (part.kind === 'refusal') {
    if (part.logprobs !== undefined) notices.dropped(path, 'Responses have no log probabilities of a refusal; its text is kept.');
    return withCarried({ type: 'refusal', refusal: part.text }, carried);
  }
  const { annotations: others, ...fields } = carried;
  const annotations = [...(part.citations ?? []).map(citationOf), ...(isArray(others) ? others : [])];
  const written = wire({
    type: 'output_text',
    text: part.text,
    annotations: annotations.length === 0 ? undefined : annotations,
    logprobs: part.logprobs === undefined ? undefined : writeLogprobs(part.logprobs),
  });
  return withCarried(written, fields);
}

function citationOf(citation: Citation): JsonObject {
  return withCarried(writeCitation(citation), carriedFields(citation.carry, 'openai-responses'));
}

function writeMedia(part: MediaPart, path: string, notices: Notices): JsonObject | undefined {
  if (part.transcript !== undefined || part.expiresAt !== undefined || part.id !== undefined) {
    notices.dropped(path, 'Responses have no transcript, id or expiry of media in a request; the media itself is kept.');
  }
  if (part.detail !== undefined && (part.medium === 'audio' || part.medium === 'video')) {
    notices.dropped(path, `Responses have no detail for ${part.medium}.`);
  }
  switch (part.medium) {
    case 'image':
      return writeImage(part, path, notices);
    case 'video':
      return writeVideo(part, path, notices);
    case 'audio':
      return writeAudio(part, path, notices);
    case 'document':
      return writeDocument(part, path, notices);
  }
}

function writeImage({ source, detail }: MediaPart, path: string, notices: Notices): JsonObject | undefined {
  switch (source.kind) {
    case 'url':
    case 'bytes':
      return wire({ type: 'input_image', image_url: writeMediaUrl(source, 'image'), detail });
    case 'file':
      if (source.filename !== undefined) notices.dropped(path, 'Responses have no file name of a picture.');
      return wire({ type: 'input_image', file_id: source.id, detail });
    case 'frames':
      notices.dropped(path, 'Responses have no list of pictures as one picture.');
      return undefined;
  }
}

/** `input_video` is in the Open Responses specification of 2026-04-24, and in no type of OpenAI's. */
function writeVideo({ source }: MediaPart, path: string, notices: Notices): JsonObject | undefined {
  switch (source.kind) {
    case 'url':
    case 'bytes':
      return { type: 'input_video', video_url: writeMediaUrl(source, 'video') };
    case 'file':
    case 'frames':
      notices.dropped(path, 'Responses have no video by file id or as a list of pictures; send its address or its bytes.');
      return undefined;
  }
}

function writeAudio(part: MediaPart, path: string, notices: Notices): JsonObject | undefined {
  const { source } = part;
  switch (source.kind) {
    case 'url': {
      const format = carriedFormat(part) ?? audioFormatOfUrl(source.url) ?? assumeWav(path, notices);
      return { type: 'input_audio', input_audio: { data: source.url, format } };
    }
    case 'bytes': {
      const format = source.format === undefined ? assumeWav(path, notices) : audioFormatName(source.format);
      return { type: 'input_audio', input_audio: { data: source.base64, format } };
    }
    case 'frames':
    case 'file':
      notices.dropped(path, 'Responses have no sound by file id; send its address or its bytes.');
      return undefined;
  }
}

/** The format that a caller named beside an address. */
function carriedFormat(part: MediaPart): Json | undefined {
  const carried = carriedFields(part.carry, 'openai-responses')['input_audio'];
  return isJsonObject(carried) ? carried['format'] : undefined;
}

function assumeWav(path: string, notices: Notices): string {
  notices.add('clamped', path, 'The format of the sound was not said and this wire wants one; wav is assumed.');
  return 'wav';
}

function writeDocument({ source, detail }: MediaPart, path: string, notices: Notices): JsonObject | undefined {
  switch (source.kind) {
    case 'url':
      return wire({ type: 'input_file', file_url: source.url, detail });
    case 'bytes':
      return wire({ type: 'input_file', file_data: writeMediaUrl(source, 'application'), detail });
    case 'file':
      return wire({ type: 'input_file', file_id: source.id, filename: source.filename, detail });
    case 'frames':
      notices.dropped(path, 'Responses have no list of pictures as a document.');
      return undefined;
  }
}
