import { crc32 } from 'node:zlib';
import { base62, base62Number } from './base62.ts';

// A key reads fm_<environment>_<id><secret><checksum>: the beginning is for secret scanners, the id finds the key in the store,
// the checksum refuses typing errors without a look into the store. All three parts are base 62 of a fixed length.

export const idBytes = 8;
export const secretBytes = 32;
const idLength = 11;
const secretLength = 43;
const checksumLength = 6;

export interface KeyText {
  readonly id: string;
  /** The beginning that may be shown: it finds the key and opens nothing. */
  readonly publicPrefix: string;
}

/** Throws RangeError for an environment that is not 1 to 12 small letters. */
export function writeKey(environment: string, id: string, secret: Uint8Array): string {
  if (!/^[a-z]{1,12}$/.test(environment))
    throw new RangeError(`The environment of a key is 1 to 12 small letters, not "${environment}".`);
  const body = `fm_${environment}_${id}${base62(secret, secretLength)}`;
  return body + checksumOf(body);
}

export function writeKeyId(random: Uint8Array): string {
  return base62(random, idLength);
}

/** Undefined for what is no key: another form, or a checksum that does not fit. */
export function readKey(text: string): KeyText | undefined {
  const match = form.exec(text);
  const [, start, id] = match ?? [];
  if (start === undefined || id === undefined) return undefined;
  const body = text.slice(0, -checksumLength);
  return checksumOf(body) === text.slice(-checksumLength) ? { id, publicPrefix: start + id } : undefined;
}

const form = new RegExp(`^(fm_[a-z]{1,12}_)([0-9A-Za-z]{${idLength}})[0-9A-Za-z]{${secretLength + checksumLength}}$`);

function checksumOf(body: string): string {
  return base62Number(crc32(body), checksumLength);
}
