import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { MediaPart, Part } from '../../model/part.ts';
import { carriedFields } from '../../model/protocol.ts';
import { withCarried } from '../wire/carried.ts';
import { writeCacheMark } from '../wire/cache-mark.ts';
import { audioFormatName, audioFormatOfUrl, writeMediaUrl } from '../wire/media-url.ts';
import type { Notices } from '../wire/notices.ts';
import { wire } from '../wire/said.ts';

/** A part with its path in the caller's request. */
export interface PlacedPart {
  readonly part: Part;
  readonly path: string;
}

/** The `content` of a message. One plain text is a string, because every server of this wire reads that. */
export function writeContent(placed: readonly PlacedPart[], notices: Notices): Json {
  const parts = placed.map(({ part, path }) => writePart(part, path, notices)).filter((part) => part !== undefined);
  const first = parts[0];
  if (first === undefined) return '';
  return parts.length === 1 && isPlainText(first) ? first.text : parts;
}

function isPlainText(part: Json): part is { readonly type: 'text'; readonly text: string } {
  return isJsonObject(part) && part['type'] === 'text' && typeof part['text'] === 'string' && Object.keys(part).length === 2;
}

function writePart(part: Part, path: string, notices: Notices): Json | undefined {
  switch (part.kind) {
    case 'text':
      noteTextExtras(part, path, notices);
      return marked({ type: 'text', text: part.text }, part, path, notices);
    case 'refusal':
      if (part.logprobs !== undefined) noteLogprobs(path, notices);
      return marked({ type: 'refusal', refusal: part.text }, part, path, notices);
    case 'media': {
      const written = writeMedia(part, path, notices);
      return written === undefined ? undefined : marked({ ...written, ...pictureWishes(part) }, part, path, notices);
    }
    case 'opaque':
      if (part.protocol === 'openai-chat') return part.value;
      notices.dropped(path, `Chat completions have no place for this block of ${part.protocol}.`);
      return undefined;
    case 'reasoning':
    case 'tool-call':
    case 'tool-result':
      notices.dropped(path, `A message of chat completions cannot hold a ${part.kind} at this place.`);
      return undefined;
  }
}

function noteTextExtras(part: Extract<Part, { kind: 'text' }>, path: string, notices: Notices): void {
  if (part.citations !== undefined) notices.dropped(path, 'Chat completions have no citations in a request; the text is kept.');
  if (part.logprobs !== undefined) noteLogprobs(path, notices);
}

function noteLogprobs(path: string, notices: Notices): void {
  notices.dropped(path, 'Chat completions have no log probabilities in a request; the text is kept.');
}

function marked(written: JsonObject, part: Part, path: string, notices: Notices): JsonObject {
  const mark = part.cacheMark === undefined ? {} : { cache_control: writeCacheMark(part.cacheMark) };
  return withCarried({ ...written, ...mark }, notices.own(part.carry, path));
}

export function pictureWishes(part: MediaPart): JsonObject {
  return wire({
    fps: part.framesPerSecond,
    min_pixels: part.minPixels,
    max_pixels: part.maxPixels,
    total_pixels: part.totalPixels,
  });
}

function writeMedia(part: MediaPart, path: string, notices: Notices): JsonObject | undefined {
  noteAnswerFields(part, path, notices);
  switch (part.medium) {
    case 'image':
    case 'video':
      return writePicture(part, part.medium, path, notices);
    case 'audio':
      return writeAudio(part, path, notices);
    case 'document':
      return writeDocument(part, path, notices);
  }
}

/** What an answer says of its sound and a request has no word for. */
function noteAnswerFields(part: MediaPart, path: string, notices: Notices): void {
  if (part.transcript !== undefined || part.expiresAt !== undefined || part.id !== undefined) {
    notices.dropped(path, 'Chat completions have no transcript, id or expiry of media in a request; the media itself is kept.');
  }
  if (part.detail !== undefined && part.medium !== 'image' && part.medium !== 'video') {
    notices.dropped(path, `Chat completions have no detail for ${part.medium}.`);
  }
}

function writePicture(part: MediaPart, medium: 'image' | 'video', path: string, notices: Notices): JsonObject | undefined {
  const { source } = part;
  switch (source.kind) {
    case 'url':
    case 'bytes': {
      const inner = wire({ url: writeMediaUrl(source, medium), detail: part.detail });
      return medium === 'image' ? { type: 'image_url', image_url: inner } : { type: 'video_url', video_url: inner };
    }
    case 'frames':
      if (part.detail !== undefined) notices.dropped(path, 'Chat completions have no detail for a list of pictures.');
      if (medium === 'video') return { type: 'video', video: source.urls };
      notices.dropped(path, 'Chat completions have no list of pictures as one picture.');
      return undefined;
    case 'file':
      notices.dropped(path, `Chat completions have no ${medium} by file id; send its address or its bytes.`);
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
      notices.dropped(
        path,
        'Chat completions have no sound by file id outside an assistant message; send its address or its bytes.',
      );
      return undefined;
  }
}

/** The format that a caller named beside an address. */
function carriedFormat(part: MediaPart): Json | undefined {
  const carried = carriedFields(part.carry, 'openai-chat')['input_audio'];
  return isJsonObject(carried) ? carried['format'] : undefined;
}

function assumeWav(path: string, notices: Notices): string {
  notices.add('clamped', path, 'The format of the sound was not said and this wire wants one; wav is assumed.');
  return 'wav';
}

function writeDocument(part: MediaPart, path: string, notices: Notices): JsonObject | undefined {
  const { source } = part;
  switch (source.kind) {
    case 'url':
    case 'bytes':
      return { type: 'file', file: { file_data: writeMediaUrl(source, 'application') } };
    case 'file':
      return { type: 'file', file: wire({ file_id: source.id, filename: source.filename }) };
    case 'frames':
      notices.dropped(path, 'Chat completions have no list of pictures as a document.');
      return undefined;
  }
}
