import type { Medium } from '../../model/part.ts';
import { audioFormatName } from '../wire/media-url.ts';

/*
 * Every file of this wire has a media type, at least its family (`image/*`, or `image` since specification 4). The model knows the medium,
 * and of bytes the format: a short name for sound, a media type for all else.
 */

const families: Readonly<Record<Medium, string>> = { image: 'image', audio: 'audio', video: 'video', document: 'application' };

export function mediumOf(mediaType: string): Medium {
  const family = mediaType.split('/', 1)[0];
  return family === 'image' || family === 'audio' || family === 'video' ? family : 'document';
}

/** Undefined where only the family is said. */
export function formatOf(mediaType: string): string | undefined {
  const medium = mediumOf(mediaType);
  const family = families[medium];
  if (mediaType === family || mediaType === `${family}/*`) return undefined;
  return medium === 'audio' ? audioFormatName(mediaType) : mediaType;
}

export function mediaTypeOf(medium: Medium, format: string | undefined): string {
  if (format === undefined) return `${families[medium]}/*`;
  if (format.includes('/')) return format;
  return medium === 'audio' && format === 'mp3' ? 'audio/mpeg' : `${families[medium]}/${format}`;
}

const endings: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  bmp: 'image/bmp',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  pdf: 'application/pdf',
  txt: 'text/plain',
};

/** What the end of an address tells of a file of this medium, and otherwise its family. */
export function mediaTypeOfUrl(medium: Medium, url: string): string {
  const ending = /\.([a-z0-9]{2,5})(?:[?#]|$)/i.exec(url)?.[1]?.toLowerCase() ?? '';
  const told = Object.hasOwn(endings, ending) ? endings[ending] : undefined;
  return told !== undefined && mediumOf(told) === medium ? told : mediaTypeOf(medium, undefined);
}
