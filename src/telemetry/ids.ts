import { randomFillSync, randomInt } from 'node:crypto';

/** The only place with randomness. Ids sort by time: 48 bits of milliseconds, then 80 random bits (the layout of ULID). */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${timePart(Date.now())}${randomPart()}`;
}

type IdPrefix = 'req' | 'gen' | 'msg' | 'resp' | 'conv' | 'item' | 'key' | 'acct' | 'call' | 'boot' | 'grant' | 'evt' | 'lse';

/** A random 32-bit seed. node-llama-cpp would take the current second, so that two requests within it would answer the same. */
export function newSeed(): number {
  return randomInt(0, 2 ** 31);
}

/** A number from 0 to below 1: for pauses and for choices between hosts. */
export function newChance(): number {
  return randomInt(0, 2 ** 32) / 2 ** 32;
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

const randomCharacters = 16;
/** Random bytes are drawn for many ids at once: one call of the generator costs as much for 4 KB as for 16 bytes. */
const pool = new Uint8Array(4_096);
let taken = pool.length;

/** 16 characters of 5 random bits each. */
function randomPart(): string {
  if (taken + randomCharacters > pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  let text = '';
  for (let position = 0; position < randomCharacters; position++) text += alphabet.charAt((pool[taken + position] ?? 0) & 31);
  taken += randomCharacters;
  return text;
}
