import { createHash, type Hash } from 'node:crypto';

/** What the bytes of a file must add up to. */
export interface Digest {
  readonly algorithm: 'sha256' | 'sha512';
  /** Lower case. */
  readonly hex: string;
}

/** Adds bytes up as they pass. `hex` may be asked at any time and does not end it. */
export class RunningDigest {
  readonly algorithm: Digest['algorithm'];
  #hash: Hash;

  constructor(algorithm: Digest['algorithm'], begun: Hash = createHash(algorithm)) {
    this.algorithm = algorithm;
    this.#hash = begun;
  }

  /** Another one that goes on from here by itself. */
  fork(): RunningDigest {
    return new RunningDigest(this.algorithm, this.#hash.copy());
  }

  add(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  restart(): void {
    this.#hash = createHash(this.algorithm);
  }

  hex(): string {
    return this.#hash.copy().digest('hex');
  }
}

/** The sha512 of a Subresource Integrity text, which is how npm states the sum of a package; undefined where it has none. */
export function sha512OfIntegrity(integrity: string | undefined): Digest | undefined {
  const base64 = /(?:^|\s)sha512-([A-Za-z0-9+/]{86}==)/.exec(integrity ?? '')?.[1];
  return base64 === undefined ? undefined : { algorithm: 'sha512', hex: Buffer.from(base64, 'base64').toString('hex') };
}
