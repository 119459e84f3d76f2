import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StoredKey } from '../access/access.ts';
import { createMemoryStore } from './memory/create-memory-store.ts';
import { openTestPostgres } from './postgres/open-postgres-store.test-support.ts';
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
  { kind: 'postgres', open: () => openTestPostgres() },
];

const hexText = fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdef')) });

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
        allowedTools: fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 }),
        allowedAddresses: fc.array(fc.oneof(fc.ipV4(), fc.ipV6()), { maxLength: 3 }),
        tokensPerMinute: fc.maxSafeNat(),
        budgetId: fc.constant('local'),
        lastUsedAt: fc.maxSafeNat(),
        previous: fc.record({ hash: hexText, until: fc.maxSafeNat() }, { noNullPrototype: true }),
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

  test('a change writes what it names and nothing else, and null takes it away', async () => {
    const limits = { expiresAt: 9, allowedModels: ['m'], allowedTools: [], allowedAddresses: ['10.0.0.0/8'] };
    const counts = { requestsPerMinute: 1, tokensPerMinute: 2, maxInFlight: 3 };
    await store.keys.insert({ ...keyOf('a', 1), ...limits, ...counts, budgetId: 'local' });
    expect(await store.keys.update('a', { name: 'desk', requestsPerMinute: 7, allowedTools: ['web_search'] })).toBe(true);
    const changed = { ...keyOf('a', 1), ...limits, ...counts, name: 'desk', requestsPerMinute: 7, allowedTools: ['web_search'] };
    expect(await store.keys.find('a')).toStrictEqual({ ...changed, budgetId: 'local' });
    expect(await store.keys.update('a', {})).toBe(true);
    expect(await store.keys.find('a')).toStrictEqual({ ...changed, budgetId: 'local' });
    const none = { expiresAt: null, allowedModels: null, allowedTools: null, allowedAddresses: null, budgetId: null };
    await store.keys.update('a', { ...none, requestsPerMinute: null, tokensPerMinute: null, maxInFlight: null });
    expect(await store.keys.find('a')).toStrictEqual({ ...keyOf('a', 1), name: 'desk' });
  });

  test('a key that is not live is not changed', async () => {
    await store.keys.insert(keyOf('a', 1));
    await store.keys.revoke('a', 5);
    for (const id of ['a', 'unknown']) expect(await store.keys.update(id, { maxInFlight: 1 })).toBe(false);
    expect(await store.keys.list()).toStrictEqual([{ ...keyOf('a', 1), revokedAt: 5 }]);
  });

  test('of all times that a key was used the latest is kept, in whichever order they are told', async () => {
    await store.keys.insert(keyOf('a', 1));
    for (const at of [70, 50, 90, 80]) await store.keys.touch('a', at);
    await store.keys.touch('unknown', 1);
    expect(await store.keys.find('a')).toStrictEqual({ ...keyOf('a', 1), lastUsedAt: 90 });
  });

  test('a change that runs twice, because the answer to the first was lost, is one change with one answer', async () => {
    const key = { ...keyOf('a', 1), requestsPerMinute: 5 };
    for (let run = 1; run <= 2; run++) await store.keys.insert(key);
    for (let run = 1; run <= 2; run++) {
      expect(await store.keys.rotate({ id: 'a', hash: 'cd', previousUntil: 5 })).toBe(true);
      expect(await store.keys.find('a')).toEqual({ ...key, hash: 'cd', previous: { hash: 'ab', until: 5 } });
    }
    for (let run = 1; run <= 2; run++) {
      expect(await store.keys.update('a', { name: 'renamed', requestsPerMinute: null })).toBe(true);
      expect(await store.keys.find('a')).toEqual({
        ...keyOf('a', 1),
        name: 'renamed',
        hash: 'cd',
        previous: { hash: 'ab', until: 5 },
      });
    }
    for (let run = 1; run <= 2; run++) expect(await store.keys.revoke('a', 8)).toBe(true);
    expect(await store.keys.list()).toMatchObject([{ id: 'a', revokedAt: 8 }]);
  });

  test('a key needs an account that exists and an id of its own', async () => {
    await expect(store.keys.insert({ ...keyOf('a', 1), accountId: 'nobody' })).rejects.toMatchObject({ code: 'not_found' });
    await store.keys.insert(keyOf('a', 1));
    await expect(store.keys.insert({ ...keyOf('a', 1), hash: 'cd' })).rejects.toThrow();
    expect(await store.keys.find('a')).toMatchObject({ hash: 'ab' });
  });
});
