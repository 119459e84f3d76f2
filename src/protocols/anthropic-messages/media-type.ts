import type { Medium } from '../../model/part.ts';
import { typeOfBytes } from '../type-of-bytes.ts';

const shortNames: Readonly<Record<string, string>> = { jpg: 'image/jpeg', pdf: 'application/pdf', txt: 'text/plain' };

/** The media type of a format that may be a short name (`png`), or of the bytes where none was said. Undefined where neither tells. */
export function mediaTypeOf(medium: Medium, format: string | undefined, base64: string): string | undefined {
  if (format === undefined) return typeOfBytes(base64);
  if (format.includes('/')) return format;
  return shortNames[format] ?? `${medium === 'document' ? 'application' : medium}/${format}`;
}
