import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../model/ports.ts';
import { AddressBlocks } from './address-blocks.ts';
import type { Access, Caller, KeyStore, StoredKey } from './access.ts';
import { checkKeyTerms, checkOverlap } from './check-key-terms.ts';
import type { KeyAdmin, KeyBudget, KeyBudgets, KeyInfo } from './key-admin.ts';
import { KeyCache } from './key-cache.ts';
import { KeyHasher } from './key-hasher.ts';
import { limitsOf } from './key-limits.ts';
import type { KeyText } from './key-text.ts';
import { idBytes, readKey, secretBytes, writeKey, writeKeyId } from './key-text.ts';
import { LastUses } from './last-uses.ts';
import { expiredKey, malformedKey, missingKey, replacedKey, revokedKey, strangeAddress, unknownKey } from './refused-keys.ts';

export interface AccessOptions {
  readonly keys: KeyStore;
  readonly budgets: KeyBudgets;
  /** The secret under which keys are hashed; at least 32 bytes. */
  readonly pepper: Uint8Array;
  readonly clock: Clock;
  /** From a cryptographic source. */
  readonly randomBytes: (count: number) => Uint8Array;
  /** Stands in each new key, so that a test key is seen to be one: 1 to 12 small letters. Default `live`. */
  readonly environment?: string;
  /** Told where the time of a key's last use could not be written. No request waits for that or fails with it. */
  readonly onTouchFailed?: (keyId: string, error: unknown) => void;
}

/** API keys: who calls, and the keys' life. Throws RangeError for a pepper that is too short. */
export function createAccess(options: AccessOptions): Access & KeyAdmin {
  if (options.pepper.length < 32) throw new RangeError('A pepper has at least 32 bytes.');
  return new Keys(options);
}

class Keys implements Access, KeyAdmin {
  readonly #options: AccessOptions;
  /** Keys are random, so a slow hash would add nothing but a way to overload the server. */
  readonly #hasher: KeyHasher;
  readonly #cache: KeyCache;
  readonly #lastUses = new LastUses();
  /** By the list of a key that is cached: reading a hundred blocks takes more than a millisecond. */
  readonly #blocks = new WeakMap<readonly string[], AddressBlocks>();

  constructor(options: AccessOptions) {
    this.#options = options;
    this.#hasher = new KeyHasher(options.pepper);
    this.#cache = new KeyCache(() => options.clock.ticks());
  }

  async authenticate(presentedKey: string | undefined, address?: string): Promise<Caller> {
    const { keys } = this.#options;
    if (presentedKey === undefined || presentedKey === '') throw missingKey();
    const text = readKey(presentedKey);
    if (text === undefined) throw malformedKey();
    const presented = this.#hasher.hash(presentedKey);

    const cached = this.#cache.get(text.id);
    const cachedFit = cached === undefined ? undefined : fittingSecret(presented, cached);
    // A key out of the cache is not kept anew, or a busy caller's key would never be looked up again.
    if (cached !== undefined && cachedFit !== undefined) return this.#admit(cached, cachedFit, text, address);
    // What does not fit the cached key may be a secret that another process has just given it.
    const keep = this.#cache.reading();
    const stored = await keys.find(text.id);
    // An unknown id is compared too, so that the time of the answer does not tell which ids exist.
    const fit = fittingSecret(presented, stored ?? { hash: noHash });
    if (stored === undefined || fit === undefined) throw unknownKey(text.publicPrefix);
    const caller = this.#admit(stored, fit, text, address);
    keep(stored);
    return caller;
  }

  async create({ budget, ...terms }: Parameters<KeyAdmin['create']>[0]): ReturnType<KeyAdmin['create']> {
    const { keys, clock, randomBytes } = this.#options;
    const createdAt = clock.now();
    checkKeyTerms({ ...terms, ...(budget === undefined ? {} : { budget }) }, createdAt);
    const id = writeKeyId(randomBytes(idBytes));
    const { secret, hash } = this.#newSecret(id);
    // The budget first: one that no key uses harms nobody, a key whose budget is missing could not be used or be too free.
    const budgetId = budget === undefined ? undefined : await this.#setBudget(id, terms.accountId, budget);
    await keys.insert({ ...terms, id, hash, createdAt, ...(budgetId === undefined ? {} : { budgetId }) });
    return { id, secret };
  }

  async list(): Promise<readonly KeyInfo[]> {
    return (await this.#options.keys.list()).map(infoOf);
  }

  async find(id: string): Promise<KeyInfo | undefined> {
    const stored = await this.#options.keys.find(id);
    return stored === undefined ? undefined : infoOf(stored);
  }

  async rotate(id: string, overlapMs: number): ReturnType<KeyAdmin['rotate']> {
    const { keys, clock } = this.#options;
    checkOverlap(overlapMs);
    const now = clock.now();
    const stored = await keys.find(id);
    // A new secret for a key that has expired would open nothing.
    if (stored === undefined || isExpired(stored, now)) return undefined;
    const { secret, hash } = this.#newSecret(id);
    const previousUntil = now + overlapMs;
    const rotated = await this.#changing(id, () => keys.rotate({ id, hash, previousUntil }));
    return rotated ? { secret, previousUntil } : undefined;
  }

  async update(id: string, { budget, ...changes }: Parameters<KeyAdmin['update']>[1]): ReturnType<KeyAdmin['update']> {
    const { keys, clock } = this.#options;
    checkKeyTerms({ ...changes, ...(budget === undefined ? {} : { budget }) }, clock.now());
    const stored = await keys.find(id);
    if (stored === undefined || stored.revokedAt !== undefined) return undefined;
    const budgetId = budget === undefined || budget === null ? budget : await this.#setBudget(id, stored.accountId, budget);
    const all = { ...changes, ...(budgetId === undefined ? {} : { budgetId }) };
    const updated = await this.#changing(id, () => keys.update(id, all));
    return updated ? this.find(id) : undefined;
  }

  changedElsewhere(id: string | undefined): void {
    this.#cache.forget(id);
  }

  async revoke(id: string): Promise<boolean> {
    const { keys, clock } = this.#options;
    return this.#changing(id, () => keys.revoke(id, clock.now()));
  }

  /** Also where the store failed the key is looked up anew: whether the change was written is then unknown. */
  async #changing(id: string, change: () => Promise<boolean>): Promise<boolean> {
    try {
      return await change();
    } finally {
      this.#cache.forget(id);
    }
  }

  async #setBudget(keyId: string, parentId: string, budget: KeyBudget): Promise<string> {
    const id = `key:${keyId}`;
    await this.#options.budgets.set({ ...budget, id, parentId });
    return id;
  }

  #newSecret(id: string): { readonly secret: string; readonly hash: string } {
    const { environment = 'live', randomBytes } = this.#options;
    const secret = writeKey(environment, id, randomBytes(secretBytes));
    return { secret, hash: this.#hasher.hash(secret) };
  }

  #admit(key: StoredKey, secret: FittingSecret, text: KeyText, address: string | undefined): Caller {
    const { clock } = this.#options;
    refuseEnded(key, secret, text, clock.now());
    if (!this.#opensFrom(address, key)) throw strangeAddress(text.publicPrefix, address);
    this.#touch(key.id);
    const { id: keyId, accountId, budgetId } = key;
    return { keyId, accountId, ...(budgetId === undefined ? {} : { budgetId }), ...limitsOf(key) };
  }

  #opensFrom(address: string | undefined, { allowedAddresses }: StoredKey): boolean {
    if (allowedAddresses === undefined) return true;
    const blocks = this.#blocks.get(allowedAddresses) ?? new AddressBlocks(allowedAddresses);
    this.#blocks.set(allowedAddresses, blocks);
    return address !== undefined && blocks.includes(address);
  }

  /** Never in the way of a request. */
  #touch(id: string): void {
    const { keys, clock, onTouchFailed } = this.#options;
    if (!this.#lastUses.isDue(id, clock.ticks())) return;
    keys.touch(id, clock.now()).catch((error: unknown) => onTouchFailed?.(id, error));
  }
}

/** No key has this hash: nobody knows a text whose HMAC is all zero. */
const noHash = '0'.repeat(64);

function sameHash(presented: string, stored: string): boolean {
  return presented.length === stored.length && timingSafeEqual(Buffer.from(presented), Buffer.from(stored));
}

type FittingSecret = 'current' | 'previous';

/** Which secret of a key was presented. Both are always compared, so that the time of the answer does not tell how many there are. */
function fittingSecret(presented: string, key: Pick<StoredKey, 'hash' | 'previous'>): FittingSecret | undefined {
  const isCurrent = sameHash(presented, key.hash);
  const isPrevious = sameHash(presented, key.previous?.hash ?? noHash);
  if (isCurrent) return 'current';
  return isPrevious ? 'previous' : undefined;
}

/** Throws `invalid_key` for a key that is no longer in force, and for a secret that was replaced. */
function refuseEnded(key: StoredKey, secret: FittingSecret, { publicPrefix }: KeyText, now: number): void {
  if (key.revokedAt !== undefined) throw revokedKey(publicPrefix);
  if (isExpired(key, now)) throw expiredKey(publicPrefix, key.expiresAt);
  if (secret === 'previous' && key.previous !== undefined && now >= key.previous.until)
    throw replacedKey(publicPrefix, key.previous.until);
}

function infoOf({ hash: _, previous, ...info }: StoredKey): KeyInfo {
  return { ...info, ...(previous === undefined ? {} : { previousUntil: previous.until }) };
}

function isExpired(key: StoredKey, now: number): key is StoredKey & { readonly expiresAt: number } {
  return key.expiresAt !== undefined && now >= key.expiresAt;
}
