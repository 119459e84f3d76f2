import type { Json, JsonObject } from '../../model/json.ts';
import type { MediaPart } from '../../model/part.ts';
import { carriedFields } from '../../model/protocol.ts';
import { wire } from '../wire/said.ts';
import { mediaTypeOf, mediaTypeOfUrl } from './media-type.ts';
import type { Notices } from '../wire/notices.ts';
import type { Specification } from './specification.ts';
import type { VendorWords } from './words.ts';

/** A file as it stands in a prompt, without its options: none where this wire has no form for it, several for a list of pictures. */
export function writeFiles(part: MediaPart, path: string, version: Specification, notices: Notices): readonly JsonObject[] {
  const { source, medium } = part;
  switch (source.kind) {
    case 'url':
      return [{ type: 'file', mediaType: urlMediaType(part, source.url), data: writeUrl(source.url, version) }];
    case 'bytes':
      return [writeInline(mediaTypeOf(medium, source.format), source.base64, version)];
    case 'frames':
      notices.add(
        'moved',
        path,
        'The gateway protocol has no video as a list of pictures; they are sent as pictures, in their order.',
      );
      return source.urls.map((url) => ({ type: 'file', mediaType: mediaTypeOfUrl('image', url), data: writeUrl(url, version) }));
    case 'file':
      if (version === 4) {
        const data = { type: 'reference', reference: { flashmux: source.id } };
        return [wire({ type: 'file', mediaType: mediaTypeOf(medium, undefined), data, filename: source.filename })];
      }
      notices.dropped(path, 'Specification 3 of the gateway protocol has no file by its id; send its address or its bytes.');
      return [];
  }
}

/** The type that the caller named beside an address, where the address does not tell it. */
function urlMediaType(part: MediaPart, url: string): string {
  const carried = carriedFields(part.carry, 'ai-gateway')['mediaType'];
  return typeof carried === 'string' ? carried : mediaTypeOfUrl(part.medium, url);
}

function writeUrl(url: string, version: Specification): Json {
  return version === 4 ? { type: 'url', url } : url;
}

/** Specification 3 sends bytes as a `data:` URL: its gateway client makes one of every file (3.0.232). */
function writeInline(mediaType: string, base64: string, version: Specification): JsonObject {
  const data = version === 4 ? writeBytes(base64, version) : `data:${mediaType};base64,${base64}`;
  return { type: 'file', mediaType, data };
}

/** The bytes of a file in an answer. */
export function writeBytes(base64: string, version: Specification): Json {
  return version === 4 ? { type: 'data', data: base64 } : base64;
}

/** See readMediaWords. */
export function mediaWords(part: MediaPart): VendorWords {
  return {
    openai: { imageDetail: part.detail },
    flashmux: {
      fps: part.framesPerSecond,
      minPixels: part.minPixels,
      maxPixels: part.maxPixels,
      totalPixels: part.totalPixels,
      transcript: part.transcript,
      id: part.id,
      expiresAt: part.expiresAt,
    },
  };
}
