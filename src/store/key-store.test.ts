import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StoredKey } from '../access/access.ts';
import { createMemoryStore } from './memory/create-memory-store.ts';
import { openTestStore } from './sqlite/open-sqlite-store.test-support.ts';
import type { Store } from './store.ts';

const kinds = [
  {
    kind: 'memory',
    open: async () => ({
      store: createMemoryStore({ clock: { now: () => 1 }, epochId: 'boot_1' }),
      remove: async () => undefined,
    }),
  },
  { kind: 'sqlite', open: () => openTestStore() },
];

function keyOf(id: string, createdAt: number): StoredKey {
  return { id, name: `key ${id}`, accountId: 'local', hash: 'ab', createdAt };
}

describe.each(kinds)('keys in $kind', ({ open }) => {
  let store: Store;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    ({ store, remove } = await open());
    await store.ledger.openAccount({ id: 'local', limit: 'none', overdraft: 0n, createdAt: 1 });
  });
  afterEach(async () => {
    await store.close();
    await remove();
  });

  test('a key that was inserted is found and listed, the oldest first', async () => {
    await store.keys.insert(keyOf('b', 2));
    await store.keys.insert(keyOf('c', 2));
    await store.keys.insert(keyOf('z', 1));
    expect(await store.keys.find('b')).toEqual(keyOf('b', 2));
    expect(await store.keys.find('unknown')).toBeUndefined();
    expect(await store.keys.list()).toEqual([keyOf('z', 1), keyOf('b', 2), keyOf('c', 2)]);
  });

  test('whatever limits a key was given are kept as they are', async () => {
    const limits = fc.record(
      {
        expiresAt: fc.maxSafeNat(),
        allowedModels: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 }),
        requestsPerMinute: fc.maxSafeNat(),
        maxInFlight: fc.maxSafeNat(),
        previous: fc.record({ hash: fc.string({ unit: 'binary-ascii' }), until: fc.maxSafeNat() }, { noNullPrototype: true }),
      },
      { requiredKeys: [], noNullPrototype: true },
    );
    let count = 0;
    await fc.assert(
      fc.asyncProperty(limits, async (given) => {
        const key = { ...keyOf(`key_${count++}`, 1), ...given };
        await store.keys.insert(key);
        expect(await store.keys.find(key.id)).toStrictEqual(key);
      }),
    );
  });

  test('a key is revoked once and stays in the list', async () => {
    await store.keys.insert(keyOf('a', 1));
    expect(await store.keys.revoke('a', 5)).toBe(true);
    expect(await store.keys.revoke('a', 6)).toBe(false);
    expect(await store.keys.revoke('unknown', 6)).toBe(false);
    expect(await store.keys.list()).toEqual([{ ...keyOf('a', 1), revokedAt: 5 }]);
  });

  test('a rotation puts the secret before aside and forgets the one before that; a key that is not live is left alone', async () => {
    await store.keys.insert(keyOf('a', 1));
    expect(await store.keys.rotate({ id: 'a', hash: 'cd', previousUntil: 5 })).toBe(true);
    expect(await store.keys.find('a')).toEqual({ ...keyOf('a', 1), hash: 'cd', previous: { hash: 'ab', until: 5 } });
    expect(await store.keys.rotate({ id: 'a', hash: 'ef', previousUntil: 7 })).toBe(true);
    const rotated = { ...keyOf('a', 1), hash: 'ef', previous: { hash: 'cd', until: 7 } };
    expect(await store.keys.find('a')).toEqual(rotated);
    await store.keys.revoke('a', 8);
    expect(await store.keys.rotate({ id: 'a', hash: '01', previousUntil: 9 })).toBe(false);
    expect(await store.keys.rotate({ id: 'unknown', hash: '01', previousUntil: 9 })).toBe(false);
    expect(await store.keys.list()).toEqual([{ ...rotated, revokedAt: 8 }]);
  });

  test('a key needs an account that exists and an id of its own', async () => {
    await expect(store.keys.insert({ ...keyOf('a', 1), accountId: 'nobody' })).rejects.toMatchObject({ code: 'not_found' });
    await store.keys.insert(keyOf('a', 1));
    await expect(store.keys.insert({ ...keyOf('a', 1), hash: 'cd' })).rejects.toThrow();
    expect(await store.keys.find('a')).toMatchObject({ hash: 'ab' });
  });
});
