import { randomBytes, randomInt } from 'node:crypto';

/** The only place with randomness. Ids sort by time: 48 bits of milliseconds, then 80 random bits (the layout of ULID). */
export function newId(prefix: 'req' | 'gen' | 'key' | 'acct' | 'call' | 'boot'): string {
  return `${prefix}_${timePart(Date.now())}${base32(randomBytes(10), 16)}`;
}

/** A random 32-bit seed. node-llama-cpp would take the current second, so that two requests within it would answer the same. */
export function newSeed(): number {
  return randomInt(0, 2 ** 31);
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

function timePart(now: number): string {
  let rest = now;
  let text = '';
  for (let position = 0; position < 10; position++) {
    text = alphabet.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function base32(bytes: Uint8Array, length: number): string {
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let position = 0; position < length; position++) {
    text = alphabet.charAt(Number(bits & 31n)) + text;
    bits >>= 5n;
  }
  return text;
}
