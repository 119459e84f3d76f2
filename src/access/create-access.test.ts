import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { KeyStore } from './access.ts';
import { setUp, setUpAt } from './access.test-support.ts';
import { createAccess } from './create-access.ts';
import { writeKey, writeKeyId } from './key-text.ts';

const wish = { name: 'laptop', accountId: 'local' };

test('a key that was created opens, and says who calls', async () => {
  const { access } = setUp();
  const { id, secret } = await access.create(wish);
  expect(await access.authenticate(secret)).toEqual({ keyId: id, accountId: 'local' });
});

test('what is stored is not the secret, and depends on the pepper', async () => {
  const { access, keys, options } = setUp();
  const { id, secret } = await access.create(wish);
  expect(JSON.stringify([...keys.rows])).not.toContain(secret.slice(20));
  expect(keys.rows.get(id)?.hash).toMatch(/^[0-9a-f]{64}$/);
  const elsewhere = createAccess({ ...options, pepper: new Uint8Array(32).fill(8) });
  await expect(elsewhere.authenticate(secret)).rejects.toMatchObject({ code: 'invalid_key' });
});

test('a missing key is told which headers are accepted', async () => {
  const { access } = setUp();
  for (const key of [undefined, '']) {
    await expect(access.authenticate(key)).rejects.toMatchObject({
      code: 'missing_key',
      message: expect.stringMatching(/Authorization: Bearer.*x-api-key/),
    });
  }
});

test('a mistyped key is refused without a look into the store', async () => {
  const { access, keys } = setUp();
  const { secret } = await access.create(wish);
  const mistyped = secret.slice(0, 30) + (secret.charAt(30) === 'a' ? 'b' : 'a') + secret.slice(31);
  for (const key of [mistyped, 'sk-123', `${secret} `, secret.toUpperCase()]) {
    await expect(access.authenticate(key)).rejects.toMatchObject({ code: 'invalid_key' });
  }
  expect(keys.reads).toBe(0);
});

test('a well-formed key with a known id and another secret is refused, also while the right one is cached', async () => {
  const { access } = setUp();
  const { id, secret } = await access.create(wish);
  await access.authenticate(secret);
  const forged = writeKey('live', id, new Uint8Array(32));
  await expect(access.authenticate(forged)).rejects.toMatchObject({ code: 'invalid_key' });
});

test('no refusal repeats more of a key than its public beginning', async () => {
  const { access } = setUp();
  const { id, secret } = await access.create(wish);
  await access.revoke(id);
  const unknown = writeKey('live', writeKeyId(new Uint8Array(8)), randomBytes(32));
  for (const key of [secret, unknown, `${unknown}x`]) {
    const error: unknown = await access.authenticate(key).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('flashmux keys ls');
    expect(String(error)).not.toContain(key.slice(19, 30));
  }
});

test('a key revoked here is refused at once', async () => {
  const { access } = setUp();
  const { id, secret } = await access.create(wish);
  await access.authenticate(secret);
  expect(await access.revoke(id)).toBe(true);
  await expect(access.authenticate(secret)).rejects.toMatchObject({
    code: 'invalid_key',
    message: expect.stringContaining('revoked'),
  });
  expect(await access.revoke(id)).toBe(false);
  expect(await access.revoke('unknown')).toBe(false);
});

test('a key revoked by another process is refused within a second, however busy its caller is', async () => {
  const { access, keys, time } = setUp();
  const { id, secret } = await access.create(wish);
  for (; time.ticks < 500; time.ticks += 100) await access.authenticate(secret);
  expect(keys.reads).toBe(1);
  await keys.revoke(id, 1);
  for (; time.ticks < 1_000; time.ticks += 100) await access.authenticate(secret);
  await expect(access.authenticate(secret)).rejects.toMatchObject({ code: 'invalid_key' });
  expect(keys.reads).toBe(2);
});

test('a key that is revoked while it is being read is not kept', async () => {
  const { keys, options } = setUp();
  const gate = Promise.withResolvers<void>();
  const slow: KeyStore = {
    insert: (key) => keys.insert(key),
    list: () => keys.list(),
    revoke: (id, at) => keys.revoke(id, at),
    rotate: (rotation) => keys.rotate(rotation),
    update: (id, changes) => keys.update(id, changes),
    touch: (id, at) => keys.touch(id, at),
    find: async (id) => {
      const found = await keys.find(id);
      await gate.promise;
      return found;
    },
  };
  const access = createAccess({ ...options, keys: slow });
  const { id, secret } = await access.create(wish);
  const early = access.authenticate(secret);
  await access.revoke(id);
  gate.resolve();
  await early;
  await expect(access.authenticate(secret)).rejects.toMatchObject({ code: 'invalid_key' });
});

test('after a rotation both secrets open until the overlap ends, then the new one only', async () => {
  const { access, time } = setUpAt(1_700_000_000_000);
  const { id, secret: old } = await access.create(wish);
  const rotated = await access.rotate(id, 1_000);
  expect(rotated).toEqual({ secret: expect.stringContaining(`fm_live_${id}`), previousUntil: 1_700_000_001_000 });
  const fresh = rotated?.secret;
  expect(fresh).not.toBe(old);
  time.now += 999;
  for (const secret of [old, fresh]) expect(await access.authenticate(secret)).toEqual({ keyId: id, accountId: 'local' });
  time.now += 1;
  const error: unknown = await access.authenticate(old).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'invalid_key', message: expect.stringContaining('since 2023-11-14T22:13:21.000Z') });
  expect(String(error)).not.toContain(old.slice(19, 30));
  await access.authenticate(fresh);
});

test('without an overlap the secret before opens nothing any more', async () => {
  const { access } = setUp();
  const { id, secret } = await access.create(wish);
  await access.authenticate(secret);
  await access.rotate(id, 0);
  await expect(access.authenticate(secret)).rejects.toMatchObject({ code: 'invalid_key' });
});

test('a key has two secrets at most: the second rotation ends the first one', async () => {
  const { access } = setUp();
  const { id, secret: first } = await access.create(wish);
  const second = await access.rotate(id, 1_000);
  const third = await access.rotate(id, 1_000);
  await access.authenticate(second?.secret);
  await access.authenticate(third?.secret);
  await expect(access.authenticate(first)).rejects.toMatchObject({ code: 'invalid_key' });
});

test('a revocation ends both secrets', async () => {
  const { access } = setUp();
  const { id, secret } = await access.create(wish);
  const rotated = await access.rotate(id, 1_000);
  for (const each of [secret, rotated?.secret]) await access.authenticate(each);
  await access.revoke(id);
  for (const each of [secret, rotated?.secret])
    await expect(access.authenticate(each)).rejects.toMatchObject({ message: expect.stringContaining('revoked') });
});

test('a secret that another process gave opens here at once, while the key before it is cached', async () => {
  const { access, options } = setUp();
  const { id, secret } = await access.create(wish);
  await access.authenticate(secret);
  const rotated = await createAccess(options).rotate(id, 1_000);
  expect(await access.authenticate(rotated?.secret)).toMatchObject({ keyId: id });
  await access.authenticate(secret);
});

test('what is not in force is not rotated, and an overlap is a time of up to 90 days', async () => {
  const { access, time } = setUpAt(1_700_000_000_000);
  const revoked = await access.create(wish);
  await access.revoke(revoked.id);
  const expired = await access.create({ ...wish, expiresAt: time.now + 1 });
  time.now += 1;
  for (const id of [revoked.id, expired.id, 'unknown']) expect(await access.rotate(id, 1_000)).toBeUndefined();
  for (const overlapMs of [-1, 0.5, Number.NaN, 90 * 86_400_000 + 1])
    await expect(access.rotate(revoked.id, overlapMs)).rejects.toMatchObject({ code: 'invalid_request', param: 'overlap' });
});

test('a rotated key is listed with the end of its overlap, and without either hash', async () => {
  const { access } = setUp();
  const { id } = await access.create(wish);
  await access.rotate(id, 1_000);
  const createdAt = 1_700_000_000_000;
  expect(await access.list()).toEqual([{ ...wish, id, createdAt, previousUntil: createdAt + 1_000 }]);
});

test('the list shows who and when, and never a hash', async () => {
  const { access } = setUp();
  const { id } = await access.create(wish);
  await access.revoke(id);
  expect(await access.list()).toEqual([
    { id, name: 'laptop', accountId: 'local', createdAt: 1_700_000_000_000, revokedAt: 1_700_000_000_000 },
  ]);
});

test('a key opens until the moment it expires, and is then told when that was, and nothing of its secret', async () => {
  let now = 1_700_000_000_000;
  const { access } = setUp({ clock: { now: () => now, ticks: () => 0 } });
  const { secret } = await access.create({ ...wish, expiresAt: now + 1_000 });
  now += 999;
  await access.authenticate(secret);
  now += 1;
  const error: unknown = await access.authenticate(secret).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'invalid_key', message: expect.stringContaining('expired at 2023-11-14T22:13:21.000Z') });
  expect(String(error)).not.toContain(secret.slice(19, 30));
});

test('the models and the limits of a key are told with who calls', async () => {
  const { access } = setUp();
  const limits = {
    allowedModels: ['a', 'b:cn'],
    allowedTools: [],
    requestsPerMinute: 100_000,
    tokensPerMinute: 1_000_000_000,
    maxInFlight: 10_000,
  };
  const { id, secret } = await access.create({ ...wish, ...limits });
  expect(await access.authenticate(secret)).toEqual({ keyId: id, accountId: 'local', ...limits });
});

test.each([
  ['an expiry that has passed', { expiresAt: 1_700_000_000_000 }],
  ['an expiry that is no moment', { expiresAt: Number.POSITIVE_INFINITY }],
  ['no models at all', { allowedModels: [] }],
  ['an empty id', { allowedModels: ['a', ''] }],
  ['no request a minute', { requestsPerMinute: 0 }],
  ['too many requests a minute', { requestsPerMinute: 100_001 }],
  ['half a request at a time', { maxInFlight: 0.5 }],
  ['too many requests at a time', { maxInFlight: 10_001 }],
  ['no token a minute', { tokensPerMinute: 0 }],
  ['too many tokens a minute', { tokensPerMinute: 1_000_000_001 }],
  ['a tool that no server has', { allowedTools: ['web_search', 'toString'] }],
  ['no addresses at all', { allowedAddresses: [] }],
  ['a name for an address', { allowedAddresses: ['10.0.0.0/8', 'localhost'] }],
  ['a block that says more than it keeps', { allowedAddresses: ['10.1.2.3/8'] }],
  ['too many addresses', { allowedAddresses: Array.from({ length: 101 }, (_, index) => `10.0.0.${index}`) }],
  ['a budget of nothing', { budget: { amountNanoUsd: 0n, period: 'day' as const } }],
  ['a budget beyond $1 billion', { budget: { amountNanoUsd: 1_000_000_000_000_000_001n, period: 'total' as const } }],
  ['an id with a space', { allowedModels: ['a b'] }],
  ['too many models', { allowedModels: Array.from({ length: 101 }, (_, index) => `m${index}`) }],
])('a wish for a key with %s is refused, and nothing is stored', async (_, limits) => {
  const { access, keys } = setUp();
  const [param] = Object.keys(limits);
  await expect(access.create({ ...wish, ...limits })).rejects.toMatchObject({ code: 'invalid_request', param });
  expect(keys.rows.size).toBe(0);
});

test('a name that says nothing, and a pepper that is short, are refused', async () => {
  const { access, options } = setUp();
  for (const name of ['', '   ', 'x'.repeat(101)]) {
    await expect(access.create({ ...wish, name })).rejects.toMatchObject({ code: 'invalid_request', param: 'name' });
  }
  expect(() => createAccess({ ...options, pepper: new Uint8Array(31) })).toThrow(RangeError);
});
