import { expect, test } from 'vitest';
import { typeOfBytes } from './type-of-bytes.ts';

const ascii = (text: string): readonly number[] => [...Buffer.from(text, 'latin1')];

test.each([
  ['image/png', [0x89, ...ascii('PNG\r\n'), 0x1a, 0x0a]],
  ['image/jpeg', [0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10]],
  ['image/gif', ascii('GIF89a')],
  ['image/webp', [...ascii('RIFF'), 0x24, 0, 0, 0, ...ascii('WEBPVP8 ')]],
  ['application/pdf', ascii('%PDF-1.7')],
  ['video/mp4', [0, 0, 0, 0x18, ...ascii('ftypmp42')]],
  ['video/mp4', [0, 0, 0, 0x20, ...ascii('ftypisom')]],
  ['video/webm', [0x1a, 0x45, 0xdf, 0xa3, 0x9f]],
  [undefined, [...ascii('RIFF'), 0x24, 0, 0, 0, ...ascii('WAVEfmt ')]],
  [undefined, ascii('Hello, world')],
  [undefined, [0, 0, 0, 0, 0, 0, 0, 0]],
])('%s is told by the first bytes', (type, bytes) => {
  expect(typeOfBytes(Buffer.from(bytes).toString('base64'))).toBe(type);
});
