import { hash } from 'node:crypto';

/** Bytes that SHA-256 takes at a time. */
const blockBytes = 64;

/**
 * HMAC-SHA-256 under one secret, of a text at a time (RFC 2104). Node's own costs five times as much: it makes a stream and looks the
 * algorithm up for each text, and every request has one.
 */
export class KeyHasher {
  readonly #inner: Uint8Array;
  readonly #outer: Uint8Array;

  constructor(pepper: Uint8Array) {
    const secret = pepper.length > blockBytes ? hash('sha256', pepper, 'buffer') : pepper;
    const block = Uint8Array.from({ length: blockBytes }, (_, index) => secret[index] ?? 0);
    this.#inner = block.map((byte) => byte ^ 0x36);
    this.#outer = block.map((byte) => byte ^ 0x5c);
  }

  /** As 64 small hexadecimal digits. */
  hash(text: string): string {
    const inside = hash('sha256', Buffer.concat([this.#inner, Buffer.from(text)]), 'binary');
    return hash('sha256', Buffer.concat([this.#outer, Buffer.from(inside, 'binary')]), 'hex');
  }
}
