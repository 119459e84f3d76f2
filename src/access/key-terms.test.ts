import { expect, test } from 'vitest';
import { setUp } from './access.test-support.ts';

// What a key may do beyond opening: from where, with which budget, and how that changes while it lives.

const wish = { name: 'laptop', accountId: 'local' };

test('a key with a list of addresses opens from those, in either notation, and from nowhere else', async () => {
  const { access } = setUp();
  const allowedAddresses = ['10.0.0.0/8', '203.0.113.7', '2001:db8::/32'];
  const { id, secret } = await access.create({ ...wish, allowedAddresses });
  for (const address of ['10.200.0.1', '::ffff:10.1.2.3', '203.0.113.7', '2001:db8:ffff::1', '2001:DB8::1%eth0'])
    expect(await access.authenticate(secret, address), address).toEqual({ keyId: id, accountId: 'local' });
  for (const address of ['11.0.0.1', '203.0.113.8', '2001:db9::1', '::ffff:11.0.0.1', '::1', 'unknown', '', undefined]) {
    const error: unknown = await access.authenticate(secret, address).catch((thrown: unknown) => thrown);
    expect(error, String(address)).toMatchObject({ code: 'forbidden' });
    for (const hidden of ['10.0.0.0', '203.0.113.7', '2001:db8::/32', secret.slice(20, 40)])
      expect(String(error)).not.toContain(hidden);
  }
});

test('the refused address is named to whoever has the whole key, and only to them', async () => {
  const { access } = setUp();
  const { secret } = await access.create({ ...wish, allowedAddresses: ['10.0.0.0/8'] });
  await expect(access.authenticate(secret, '192.0.2.1')).rejects.toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('from the address 192.0.2.1'),
  });
  const forged = await access.create(wish);
  await access.revoke(forged.id);
  await expect(access.authenticate(forged.secret, '192.0.2.1')).rejects.toMatchObject({ code: 'invalid_key' });
});

test('a key with a budget has an account of its own below its account, opened before the key can be used', async () => {
  const order: string[] = [];
  const { access, keys, budgets } = setUp();
  const insert = keys.insert.bind(keys);
  keys.insert = async (key) => {
    order.push(`key after ${budgets.length} budgets`);
    await insert(key);
  };
  const budget = { amountNanoUsd: 5_000_000_000n, period: 'month' as const };
  const { id, secret } = await access.create({ ...wish, budget });
  expect(budgets).toEqual([{ ...budget, id: `key:${id}`, parentId: 'local' }]);
  expect(order).toEqual(['key after 1 budgets']);
  expect(await access.authenticate(secret)).toEqual({ keyId: id, accountId: 'local', budgetId: `key:${id}` });
});

test('where the budget cannot be opened there is no key', async () => {
  const set = (): Promise<void> => Promise.reject(new Error('disk full'));
  const { access, keys } = setUp({ budgets: { set } });
  const budget = { amountNanoUsd: 1n, period: 'total' as const };
  await expect(access.create({ ...wish, budget })).rejects.toThrow('disk full');
  expect(keys.rows.size).toBe(0);
});

test('a change is seen at once, leaves alone what it does not name, and null takes a limit away', async () => {
  const { access, budgets } = setUp();
  const { id, secret } = await access.create({ ...wish, requestsPerMinute: 60, tokensPerMinute: 500 });
  await access.authenticate(secret);
  const budget = { amountNanoUsd: 7n, period: 'week' as const };
  const info = await access.update(id, { requestsPerMinute: null, maxInFlight: 2, name: 'desk', budget });
  expect(info).toMatchObject({ id, name: 'desk', maxInFlight: 2, tokensPerMinute: 500 });
  expect(info).not.toHaveProperty('requestsPerMinute');
  expect(info).not.toHaveProperty('hash');
  const caller = { keyId: id, accountId: 'local', tokensPerMinute: 500, maxInFlight: 2 };
  expect(await access.authenticate(secret)).toEqual({ ...caller, budgetId: `key:${id}` });
  await access.update(id, { budget: { ...budget, amountNanoUsd: 9n } });
  expect(budgets.map(({ amountNanoUsd }) => amountNanoUsd)).toEqual([7n, 9n]);
  await access.update(id, { budget: null });
  expect(await access.authenticate(secret)).toEqual(caller);
});

test('what is not live is not changed, and a change out of range changes nothing', async () => {
  const { access, keys, budgets } = setUp();
  const { id } = await access.create({ ...wish, requestsPerMinute: 60 });
  const before = keys.rows.get(id);
  await expect(access.update(id, { requestsPerMinute: 0, maxInFlight: 1 })).rejects.toMatchObject({
    code: 'invalid_request',
    param: 'requestsPerMinute',
  });
  await expect(access.update(id, { name: ' ' })).rejects.toMatchObject({ param: 'name' });
  expect(keys.rows.get(id)).toEqual(before);
  await access.revoke(id);
  const budget = { amountNanoUsd: 7n, period: 'week' as const };
  for (const gone of [id, 'unknown']) expect(await access.update(gone, { maxInFlight: 1, budget })).toBeUndefined();
  expect(budgets).toEqual([]);
});

test('the last use is written once a minute for each key, and only for keys that open', async () => {
  const { access, keys, time } = setUp();
  const one = await access.create(wish);
  const other = await access.create({ ...wish, allowedAddresses: ['10.0.0.0/8'] });
  for (; time.ticks < 120_000; time.ticks += 500) await access.authenticate(one.secret);
  expect(keys.touches).toEqual([0, 1].map(() => ({ id: one.id, at: 1_700_000_000_000 })));
  await access.authenticate(other.secret, '192.0.2.1').catch(() => undefined);
  await access.authenticate(other.secret, '10.0.0.1');
  expect(keys.touches.map(({ id }) => id)).toEqual([one.id, one.id, other.id]);
});

test('no caller waits for the stamp of its last use, or fails with it', async () => {
  const failures: unknown[] = [];
  const stuck = Promise.withResolvers<void>();
  const { access, keys } = setUp({ onTouchFailed: (keyId, error) => failures.push(keyId, error) });
  keys.touch = () => stuck.promise;
  const { id, secret } = await access.create(wish);
  expect(await access.authenticate(secret)).toMatchObject({ keyId: id });
  const failure = new Error('disk full');
  stuck.reject(failure);
  await expect.poll(() => failures).toEqual([id, failure]);
});
