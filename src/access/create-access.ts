import { createHmac, timingSafeEqual } from 'node:crypto';
import { FlashmuxError } from '../model/fault.ts';
import type { Clock } from '../model/ports.ts';
import type { Access, Caller, KeyStore, StoredKey } from './access.ts';
import type { KeyAdmin, KeyInfo, KeyWish } from './key-admin.ts';
import { KeyCache } from './key-cache.ts';
import { idBytes, readKey, secretBytes, writeKey, writeKeyId } from './key-text.ts';

export interface AccessOptions {
  readonly keys: KeyStore;
  /** The secret under which keys are hashed; at least 32 bytes. */
  readonly pepper: Uint8Array;
  readonly clock: Clock;
  /** From a cryptographic source. */
  readonly randomBytes: (count: number) => Uint8Array;
  /** Stands in each new key, so that a test key is seen to be one: 1 to 12 small letters. Default `live`. */
  readonly environment?: string;
}

/** API keys: who calls, and the keys' life. Throws RangeError for a pepper that is too short. */
export function createAccess(options: AccessOptions): Access & KeyAdmin {
  const { keys, pepper, clock, randomBytes, environment = 'live' } = options;
  if (pepper.length < 32) throw new RangeError('A pepper has at least 32 bytes.');
  const cache = new KeyCache(() => clock.ticks());

  return {
    authenticate: async (presentedKey) => {
      if (presentedKey === undefined || presentedKey === '') throw missingKey();
      const text = readKey(presentedKey);
      if (text === undefined) throw malformedKey();
      const presented = hashOf(pepper, presentedKey);

      const cached = cache.get(text.id);
      // A key out of the cache is not kept anew, or a busy caller's key would never be looked up again.
      const keep = cached === undefined ? cache.reading() : undefined;
      const stored = cached ?? (await keys.find(text.id));
      // An unknown id is compared too, so that the time of the answer does not tell which ids exist.
      const fits = sameHash(presented, stored?.hash ?? noHash);
      if (stored === undefined || !fits) throw unknownKey(text.publicPrefix);
      if (stored.revokedAt !== undefined) throw revokedKey(text.publicPrefix);
      keep?.(stored);
      return callerOf(stored);
    },

    create: async (wish) => {
      checkWish(wish);
      const id = writeKeyId(randomBytes(idBytes));
      const secret = writeKey(environment, id, randomBytes(secretBytes));
      const hash = hashOf(pepper, secret).toString('hex');
      await keys.insert({ id, name: wish.name, accountId: wish.accountId, hash, createdAt: clock.now() });
      return { id, secret };
    },

    list: async () => (await keys.list()).map(infoOf),

    find: async (id) => {
      const stored = await keys.find(id);
      return stored === undefined ? undefined : infoOf(stored);
    },

    revoke: async (id) => {
      try {
        return await keys.revoke(id, clock.now());
      } finally {
        // Also where the store failed: whether the revocation was written is then unknown.
        cache.forget(id);
      }
    },
  };
}

/** Keys are random, so a slow hash would add nothing but a way to overload the server. */
function hashOf(pepper: Uint8Array, key: string): Buffer {
  return createHmac('sha256', pepper).update(key).digest();
}

/** No key has this hash: nobody knows a text whose HMAC is all zero. */
const noHash = '0'.repeat(64);

function sameHash(presented: Buffer, storedHex: string): boolean {
  const stored = Buffer.from(storedHex, 'hex');
  return stored.length === presented.length && timingSafeEqual(presented, stored);
}

function callerOf(key: StoredKey): Caller {
  return { keyId: key.id, accountId: key.accountId };
}

function infoOf({ hash: _, ...info }: StoredKey): KeyInfo {
  return info;
}

function checkWish(wish: KeyWish): void {
  const length = wish.name.trim().length;
  if (length >= 1 && length <= 100) return;
  throw new FlashmuxError('invalid_request', 'The name of a key has 1 to 100 characters.', { param: 'name' });
}

const howToGetOne = '`flashmux keys create` makes a key, `flashmux keys ls` lists those that exist.';

function missingKey(): FlashmuxError {
  return new FlashmuxError(
    'missing_key',
    `No API key was sent. Send it as "Authorization: Bearer fm_..." or as "x-api-key: fm_...". ${howToGetOne}`,
  );
}

function malformedKey(): FlashmuxError {
  return new FlashmuxError(
    'invalid_key',
    `The API key is not one of flashmux (fm_...), or it was cut or mistyped: its form or checksum is wrong. ${howToGetOne}`,
  );
}

function unknownKey(publicPrefix: string): FlashmuxError {
  return new FlashmuxError('invalid_key', `The API key ${publicPrefix}... is not known here. ${howToGetOne}`);
}

/** Told only to whoever has the whole key. */
function revokedKey(publicPrefix: string): FlashmuxError {
  return new FlashmuxError('invalid_key', `The API key ${publicPrefix}... was revoked. ${howToGetOne}`);
}
