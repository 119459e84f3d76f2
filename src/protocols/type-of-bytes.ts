/** How the base64 text of the usual formats begins. WebP is a RIFF file, as WAV is; an MP4 begins with the length of its first box. */
const beginnings: readonly (readonly [start: RegExp, type: string])[] = [
  [/^iVBOR/, 'image/png'],
  [/^\/9j\//, 'image/jpeg'],
  [/^R0lG/, 'image/gif'],
  [/^UklG.{8}RUJQ/, 'image/webp'],
  [/^JVBERi/, 'application/pdf'],
  [/^AAAA[A-Za-z0-9+/]{2}Z0eX/, 'video/mp4'],
  [/^GkXf/, 'video/webm'],
];

/** The media type that bytes tell by how they begin; undefined where they do not. */
export function typeOfBytes(base64: string): string | undefined {
  const start = base64.slice(0, 24);
  return beginnings.find(([beginning]) => beginning.test(start))?.[1];
}
