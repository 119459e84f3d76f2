const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The bytes as one number, most significant first, in digits and letters only, padded with 0 to a fixed length. */
export function base62(bytes: Uint8Array, length: number): string {
  let rest = 0n;
  for (const byte of bytes) rest = (rest << 8n) | BigInt(byte);
  let text = '';
  for (; rest > 0n; rest /= 62n) text = alphabet.charAt(Number(rest % 62n)) + text;
  if (text.length > length) throw new RangeError(`${bytes.length} bytes do not fit into ${length} characters of base 62.`);
  return text.padStart(length, '0');
}

/** The same of a whole number from 0 to 2^53. */
export function base62Number(value: number, length: number): string {
  let rest = value;
  let text = '';
  for (; rest > 0; rest = Math.floor(rest / 62)) text = alphabet.charAt(rest % 62) + text;
  return text.padStart(length, '0');
}
