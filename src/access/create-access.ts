import { createHmac, timingSafeEqual } from 'node:crypto';
import { FlashmuxError } from '../model/fault.ts';
import type { Clock } from '../model/ports.ts';
import type { Access, Caller, KeyStore, StoredKey } from './access.ts';
import type { KeyAdmin, KeyInfo } from './key-admin.ts';
import { checkKeyWish, checkOverlap } from './check-key-wish.ts';
import { KeyCache } from './key-cache.ts';
import type { KeyText } from './key-text.ts';
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
  const newSecret = (id: string): { readonly secret: string; readonly hash: string } => {
    const secret = writeKey(environment, id, randomBytes(secretBytes));
    return { secret, hash: hashOf(pepper, secret).toString('hex') };
  };

  return {
    authenticate: async (presentedKey) => {
      if (presentedKey === undefined || presentedKey === '') throw missingKey();
      const text = readKey(presentedKey);
      if (text === undefined) throw malformedKey();
      const presented = hashOf(pepper, presentedKey);

      const cached = cache.get(text.id);
      const cachedFit = cached === undefined ? undefined : fittingSecret(presented, cached);
      // A key out of the cache is not kept anew, or a busy caller's key would never be looked up again.
      if (cached !== undefined && cachedFit !== undefined) return callerOf(cached, cachedFit, text, clock.now());
      // What does not fit the cached key may be a secret that another process has just given it.
      const keep = cache.reading();
      const stored = await keys.find(text.id);
      // An unknown id is compared too, so that the time of the answer does not tell which ids exist.
      const fit = fittingSecret(presented, stored ?? { hash: noHash });
      if (stored === undefined || fit === undefined) throw unknownKey(text.publicPrefix);
      const caller = callerOf(stored, fit, text, clock.now());
      keep(stored);
      return caller;
    },

    create: async (wish) => {
      const createdAt = clock.now();
      checkKeyWish(wish, createdAt);
      const id = writeKeyId(randomBytes(idBytes));
      const { secret, hash } = newSecret(id);
      await keys.insert({ ...wish, id, hash, createdAt });
      return { id, secret };
    },

    list: async () => (await keys.list()).map(infoOf),

    find: async (id) => {
      const stored = await keys.find(id);
      return stored === undefined ? undefined : infoOf(stored);
    },

    rotate: async (id, overlapMs) => {
      checkOverlap(overlapMs);
      const now = clock.now();
      const stored = await keys.find(id);
      // A new secret for a key that has expired would open nothing.
      if (stored === undefined || isExpired(stored, now)) return undefined;
      const { secret, hash } = newSecret(id);
      const previousUntil = now + overlapMs;
      try {
        return (await keys.rotate({ id, hash, previousUntil })) ? { secret, previousUntil } : undefined;
      } finally {
        cache.forget(id);
      }
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

/** Which secret of a key was presented. Both are always compared, so that the time of the answer does not tell how many there are. */
function fittingSecret(presented: Buffer, key: Pick<StoredKey, 'hash' | 'previous'>): 'current' | 'previous' | undefined {
  const isCurrent = sameHash(presented, key.hash);
  const isPrevious = sameHash(presented, key.previous?.hash ?? noHash);
  if (isCurrent) return 'current';
  return isPrevious ? 'previous' : undefined;
}

/** Throws `invalid_key` for a key that is no longer in force, and for a secret that was replaced. */
function callerOf(key: StoredKey, secret: 'current' | 'previous', { publicPrefix }: KeyText, now: number): Caller {
  if (key.revokedAt !== undefined) throw revokedKey(publicPrefix);
  if (isExpired(key, now)) throw expiredKey(publicPrefix, key.expiresAt);
  if (secret === 'previous' && key.previous !== undefined && now >= key.previous.until)
    throw replacedKey(publicPrefix, key.previous.until);
  const { id, accountId, allowedModels, requestsPerMinute, maxInFlight } = key;
  return {
    keyId: id,
    accountId,
    ...(allowedModels === undefined ? {} : { allowedModels }),
    ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    ...(maxInFlight === undefined ? {} : { maxInFlight }),
  };
}

function infoOf({ hash: _, previous, ...info }: StoredKey): KeyInfo {
  return { ...info, ...(previous === undefined ? {} : { previousUntil: previous.until }) };
}

function isExpired(key: StoredKey, now: number): key is StoredKey & { readonly expiresAt: number } {
  return key.expiresAt !== undefined && now >= key.expiresAt;
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

/** Told only to whoever has the whole key. */
function expiredKey(publicPrefix: string, expiresAt: number): FlashmuxError {
  const at = new Date(expiresAt).toISOString();
  return new FlashmuxError('invalid_key', `The API key ${publicPrefix}... expired at ${at}. ${howToGetOne}`);
}

/** Told only to whoever has the whole key. */
function replacedKey(publicPrefix: string, until: number): FlashmuxError {
  const at = new Date(until).toISOString();
  return new FlashmuxError(
    'invalid_key',
    `This secret of the API key ${publicPrefix}... was replaced by a new one and has opened nothing since ${at}. ${howToGetOne}`,
  );
}
