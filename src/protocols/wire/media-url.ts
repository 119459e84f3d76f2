import type { MediaSource } from '../../model/part.ts';
import { typeOfBytes } from '../type-of-bytes.ts';

/** The bytes of a URL or of base64 text, in the two forms that several wires mix in one field. */
export type InlineSource = Extract<MediaSource, { kind: 'url' | 'bytes' }>;

const scheme = /^[a-z][a-z0-9+.-]*:/i;
const dataHead = /^data:([^;,]*);base64,/i;
const base64Head = /^[A-Za-z0-9+/_-]+={0,2}$/;

/**
 * Reads an address, a `data:` URL or bare base64 text. Undefined where it is none of them. The base64 text itself is sliced and
 * only its start is looked at: it may be many megabytes, and whoever decodes it will see the rest. Its first bytes tell what it
 * is where nobody says it: hosts refuse a `data:` URL without a type, and Segmind's sample sends nothing but the base64 (seed 000).
 */
export function readMediaUrl(text: string): InlineSource | undefined {
  const head = dataHead.exec(text.slice(0, 256));
  if (head !== null) return bytesOf(text.slice(head[0].length), head[1]);
  if (scheme.test(text.slice(0, 32))) return { kind: 'url', url: text };
  return base64Head.test(text.length > 256 ? text.slice(0, 256) : text) ? bytesOf(text, undefined) : undefined;
}

function bytesOf(base64: string, said: string | undefined): InlineSource {
  const format = said === undefined || said === '' ? typeOfBytes(base64) : said;
  return { kind: 'bytes', base64, ...(format === undefined ? {} : { format }) };
}

/** `family` names the media type of a short format: `png` becomes `image/png`. */
export function writeMediaUrl(source: InlineSource, family: string): string {
  if (source.kind === 'url') return source.url;
  return `data:${mediaType(source.format, family)};base64,${source.base64}`;
}

function mediaType(format: string | undefined, family: string): string {
  if (format === undefined) return '';
  return format.includes('/') ? format : `${family}/${format}`;
}

const audioNames: Readonly<Record<string, string>> = {
  mpeg: 'mp3',
  'x-wav': 'wav',
  wave: 'wav',
  'x-flac': 'flac',
  'x-m4a': 'm4a',
};

/** The short name that `input_audio.format` wants: `audio/mpeg` is `mp3`. */
export function audioFormatName(format: string): string {
  const name = format.toLowerCase().replace(/^audio\//, '');
  return audioNames[name] ?? name;
}

/** The format that the end of an address tells, such as `mp3`. */
export function audioFormatOfUrl(url: string): string | undefined {
  return /\.(wav|mp3|flac|opus|aac|m4a|ogg|amr)(?:[?#]|$)/i.exec(url)?.[1]?.toLowerCase();
}
