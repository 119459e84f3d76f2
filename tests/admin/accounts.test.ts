import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allPages, startAdminServer, textIn, type AdminServer } from './admin-client.ts';

// Accounts and everything that moves their money, through the admin API of a running server.

let admin: AdminServer;
beforeAll(async () => {
  admin = await startAdminServer();
});
afterAll(() => admin.stop());

const accounts = '/admin/v1/accounts';

async function prepaid(id: string, usd = '5'): Promise<void> {
  expect((await admin.post(accounts, { id, limit: 'prepaid' })).status).toBe(200);
  expect((await admin.post(`${accounts}/${id}/topups`, { amount_usd: usd, ref: `first of ${id}` })).status).toBe(200);
}

describe('an account', () => {
  test('is made with all its terms, and shown with its path, both forms of each amount and its grants', async () => {
    await admin.post(accounts, { id: 'customer', limit: 'prepaid', overdraft_usd: '2.5', low_balance_usd: '1' });
    await admin.post(`${accounts}/customer/topups`, { amount_usd: '10.000000001', ref: 'paid-1' });
    const made = await admin.post(accounts, {
      id: 'customer/team a',
      parent: 'customer',
      budget: { amount_usd: '100', period: 'month' },
    });
    expect(made.body).toMatchObject({
      id: 'customer/team a',
      limit: 'prepaid',
      parent: 'customer',
      available_usd: '100.00',
      spendable_usd: '12.500000001',
      spendable_nano_usd: '12500000001',
      budget: {
        amount_nano_usd: '100000000000',
        period: 'month',
        remaining_usd: '100.00',
        resets_at: expect.stringMatching(/-01T00:00:00.000Z$/),
      },
      path: [
        { id: 'customer', limit: 'prepaid', available_nano_usd: '12500000001' },
        { id: 'customer/team a', available_usd: '100.00' },
      ],
      grants: [],
    });
    expect((await admin.get(`${accounts}/customer%2Fteam%20a`)).body).toEqual(made.body);
    expect((await admin.get(`${accounts}/customer`)).body).toMatchObject({
      overdraft_usd: '2.50',
      low_balance_usd: '1.00',
      parent: null,
    });
  });

  test('made again with the same terms changes nothing, and with others is a conflict', async () => {
    const terms = { id: 'again', limit: 'prepaid' };
    const first = await admin.post(accounts, terms);
    expect((await admin.post(accounts, terms)).body).toEqual(first.body);
    expect(await admin.post(accounts, { ...terms, overdraft_usd: '1' })).toMatchObject({
      status: 409,
      body: { error: { code: 'conflict' } },
    });
  });

  test('is changed in what is said, and keeps the rest', async () => {
    await admin.post(accounts, { id: 'changing', budget: { amount_usd: '5', period: 'day' } });
    const changed = await admin.patch(`${accounts}/changing`, {
      budget: { amount_usd: '7', period: 'week' },
      low_balance_usd: '2',
    });
    expect(changed.body).toMatchObject({
      budget: { amount_usd: '7.00', period: 'week' },
      available_usd: '7.00',
      low_balance_usd: '2.00',
    });
    const unmarked = await admin.patch(`${accounts}/changing`, { low_balance_usd: null });
    expect(unmarked.body).toMatchObject({ low_balance_usd: null, budget: { amount_usd: '7.00' } });
    expect((await admin.patch(`${accounts}/changing`, { overdraft_usd: '1.5' })).body).toMatchObject({
      overdraft_nano_usd: '1500000000',
    });
  });

  test('of a name that there is not is 404, in every route', async () => {
    for (const path of ['', '/ledger', '/grants', '/requests']) {
      expect(await admin.get(`${accounts}/nobody${path}`)).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
    }
    const movement = { amount_usd: '1', ref: 'r', note: 'n' };
    expect((await admin.post(`${accounts}/nobody/topups`, movement)).status).toBe(404);
    expect((await admin.post(`${accounts}/nobody/adjustments`, movement)).status).toBe(404);
    const grant = { amount_usd: '1', ref: 'r', expires_at: '2199-01-01T00:00:00Z' };
    expect((await admin.post(`${accounts}/nobody/grants`, grant)).status).toBe(404);
    expect((await admin.patch(`${accounts}/nobody`, { overdraft_usd: '1' })).status).toBe(404);
  });

  test.each([
    [{}, 'id', 'a text of 1 to 200 characters'],
    [{ id: 'a', limit: 'credit' }, 'limit', '"none" or "prepaid"'],
    [{ id: 'a', overdraft_usd: 5 }, 'overdraft_usd', 'dollars as text'],
    [{ id: 'a', limit: 'prepaid', overdraft_usd: '-1' }, 'overdraft_usd', 'from $0.00'],
    [{ id: 'a', budget: '5' }, 'budget', 'must be an object'],
    [{ id: 'a', budget: { amount_usd: '0.0000000001', period: 'day' } }, 'budget.amount_usd', 'at most 9 decimals'],
    [{ id: 'a', budget: { amount_usd: '1', period: 'year' } }, 'budget.period', '"month"'],
    [{ id: 'a', parent: 'nobody' }, 'parent', 'does not exist'],
    [{ id: 'a', colour: 'red' }, 'colour', 'the fields are id, limit, parent'],
    [['a'], 'body', 'must be a JSON object'],
  ])('%j is refused by the name of the field %s', async (body, param, right) => {
    const reply = await admin.post(accounts, body);
    expect(reply).toMatchObject({ status: 400, body: { error: { param } } });
    expect(textIn(reply.body.error?.['message'])).toContain(right);
    expect((await admin.get(`${accounts}/a`)).status).toBe(404);
  });

  test('every wrong field is named at once', async () => {
    const { text } = await admin.post(accounts, { id: '', limit: 1, overdraft_usd: null });
    for (const field of ['id', 'limit', 'overdraft_usd']) expect(text).toContain(String.raw`\"${field}\" must be`);
  });

  test('a change of nothing says what could change', async () => {
    expect(await admin.patch(`${accounts}/local`, {})).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('overdraft_usd, budget, low_balance_usd') } },
    });
  });
});

describe('money', () => {
  test('a top-up happens once for its ref, and another under the same ref is refused', async () => {
    await prepaid('topped', '5');
    const again = await admin.post(`${accounts}/topped/topups`, { amount_usd: '5', ref: 'first of topped' });
    expect(again.body).toMatchObject({
      ref: 'first of topped',
      amount_nano_usd: '5000000000',
      account: { available_usd: '5.00' },
    });
    expect(await admin.post(`${accounts}/topped/topups`, { amount_usd: '6', ref: 'first of topped' })).toMatchObject({
      status: 409,
      body: { error: { param: 'ref' } },
    });
  });

  test('the header Idempotency-Key is the ref where the body has none, and may not contradict it', async () => {
    await prepaid('headed');
    const path = `${accounts}/headed/topups`;
    const header = { 'idempotency-key': 'from-the-header' };
    for (const _ of [1, 2]) {
      expect((await admin.post(path, { amount_usd: '1' }, header)).body).toMatchObject({
        ref: 'from-the-header',
        account: { available_usd: '6.00' },
      });
    }
    expect((await admin.post(path, { amount_usd: '1', ref: 'from-the-header' }, header)).status).toBe(200);
    expect((await admin.post(path, { amount_usd: '1', ref: 'another' }, header)).status).toBe(400);
  });

  test.each(['topups', 'adjustments', 'grants'])('%s without a ref are refused: they could happen twice', async (kind) => {
    await admin.post(accounts, { id: 'refless', limit: 'prepaid' });
    const body =
      kind === 'grants'
        ? { amount_usd: '1', expires_at: '2199-01-01T00:00:00Z' }
        : { amount_usd: '1', ...(kind === 'topups' ? {} : { note: 'n' }) };
    expect(await admin.post(`${accounts}/refless/${kind}`, body)).toMatchObject({
      status: 400,
      body: { error: { param: 'ref', message: expect.stringContaining('Idempotency-Key') } },
    });
    expect((await admin.get(`${accounts}/refless/ledger`)).body.data).toEqual([]);
  });

  test.each([
    ['topups', { amount_usd: '0', ref: 'zero' }, 400, 'amount_usd'],
    ['topups', { amount_usd: '-1', ref: 'negative' }, 400, 'amount_usd'],
    ['topups', { amount_usd: '1e3', ref: 'float' }, 400, 'amount_usd'],
    ['topups', { amount_usd: 1, ref: 'number' }, 400, 'amount_usd'],
    ['topups', { amount_usd: '1000000001', ref: 'huge' }, 400, 'amount_usd'],
    ['topups', { amount_usd: '1', ref: 'x'.repeat(256) }, 400, 'ref'],
    ['adjustments', { amount_usd: '1', ref: 'silent' }, 400, 'note'],
    ['adjustments', { amount_usd: '-99', ref: 'too-much', note: 'n' }, 409, 'amount_usd'],
    ['grants', { amount_usd: '1', ref: 'endless' }, 400, 'expires_at'],
    ['grants', { amount_usd: '1', ref: 'past', expires_at: '2001-01-01T00:00:00Z' }, 400, 'expires_at'],
    ['grants', { amount_usd: '1', ref: 'zoneless', expires_at: '2199-01-01T00:00:00' }, 400, 'expires_at'],
    ['grants', { amount_usd: '1', tokens: 5, ref: 'both', expires_at: '2199-01-01T00:00:00Z' }, 400, 'amount_usd'],
    ['grants', { ref: 'neither', expires_at: '2199-01-01T00:00:00Z' }, 400, 'amount_usd'],
    ['grants', { tokens: 0.5, ref: 'half', expires_at: '2199-01-01T00:00:00Z' }, 400, 'tokens'],
    ['grants', { tokens: 5, models: ['nobody'], ref: 'model', expires_at: '2199-01-01T00:00:00Z' }, 404, 'model'],
    ['grants', { amount_usd: '1', models: ['qwen-flash'], ref: 'usd-model', expires_at: '2199-01-01T00:00:00Z' }, 400, 'models'],
    ['grants', { amount_usd: '1', renew_every_ms: 5, ref: 'often', expires_at: '2199-01-01T00:00:00Z' }, 400, 'renew_every_ms'],
  ])('%s: %j is refused with %d for %s, and moves nothing', async (kind, body, status, param) => {
    await prepaid('strict');
    const before = await admin.get(`${accounts}/strict`);
    expect(await admin.post(`${accounts}/strict/${kind}`, body)).toMatchObject({ status, body: { error: { param } } });
    expect((await admin.get(`${accounts}/strict`)).body).toEqual(before.body);
  });

  test('an adjustment takes away what is there, and says why in the ledger', async () => {
    await prepaid('adjusted');
    const reply = await admin.post(`${accounts}/adjusted/adjustments`, {
      amount_usd: '-1.25',
      ref: 'fix',
      note: 'billed twice in the old system',
    });
    expect(reply.body).toMatchObject({ amount_usd: '-1.25', account: { available_usd: '3.75' } });
    expect((await admin.get(`${accounts}/adjusted/ledger`)).body.data).toMatchObject([
      { kind: 'topup', amount_nano_usd: '5000000000', note: null },
      { kind: 'adjust', amount_usd: '-1.25', ref: 'fix', note: 'billed twice in the old system' },
    ]);
  });

  test('grants of dollars and of tokens are given with their end, and the models by their canonical ids', async () => {
    await prepaid('granted');
    const expires = '2199-01-01T00:00:00Z';
    const dollars = { amount_usd: '5', expires_at: expires, renew_every_ms: 2_592_000_000, ref: 'free-tier', note: 'welcome' };
    expect((await admin.post(`${accounts}/granted/grants`, dollars)).body).toMatchObject({ account: { available_usd: '10.00' } });
    const tokens = { tokens: 1_000_000, models: ['alibaba/qwen3.5-flash'], expires_at: expires, ref: 'tokens' };
    expect((await admin.post(`${accounts}/granted/grants`, tokens)).status).toBe(200);
    const shown = {
      data: [
        {
          ref: 'free-tier',
          unit: 'usd',
          amount_usd: '5.00',
          used_nano_usd: '0',
          renew_every_ms: 2_592_000_000,
          note: 'welcome',
          open: true,
        },
        {
          ref: 'tokens',
          unit: 'tokens',
          tokens: 1_000_000,
          tokens_left: 1_000_000,
          models: ['qwen3.5-flash'],
          expires_at: '2199-01-01T00:00:00.000Z',
        },
      ],
      has_more: false,
      next: null,
    };
    expect((await admin.get(`${accounts}/granted/grants`)).body).toMatchObject(shown);
    expect((await admin.get(`${accounts}/granted`)).body['grants']).toMatchObject(shown.data);
  });

  test('a charge is given back in parts, never more than it was', async () => {
    await prepaid('refunded');
    const { secret } = await admin.server.server.home.access.create({ name: 'r', accountId: 'refunded' });
    const request = await admin.chat(secret);
    const charged = BigInt(textIn((await admin.get(`/admin/v1/requests/${request}`)).body['cost_nano_usd']));
    expect(charged).toBeGreaterThan(1n);
    const part = await admin.post('/admin/v1/refunds', { request, amount_usd: '0.000000001', ref: 'part', note: 'sorry' });
    expect(part.body).toEqual({ ref: 'part', request, account: 'refunded', amount_usd: '0.000000001', amount_nano_usd: '1' });
    const rest = await admin.post('/admin/v1/refunds', { request, ref: 'rest' });
    expect(rest.body).toMatchObject({ amount_nano_usd: String(charged - 1n) });
    expect((await admin.post('/admin/v1/refunds', { request, ref: 'rest' })).body).toEqual(rest.body);
    expect((await admin.post('/admin/v1/refunds', { request, ref: 'more' })).status).toBe(409);
    expect((await admin.get(`${accounts}/refunded`)).body).toMatchObject({ available_usd: '5.00' });
    expect(await admin.post('/admin/v1/refunds', { request: 'req_none', ref: 'none' })).toMatchObject({
      status: 404,
      body: { error: { param: 'request' } },
    });
    expect((await admin.post('/admin/v1/refunds', { request })).body.error).toMatchObject({ param: 'ref' });
  });
});

describe('lists', () => {
  test('accounts are listed by id to their end, and those below one', async () => {
    await admin.post(accounts, { id: 'list', limit: 'prepaid' });
    const children = ['list-1', 'list-2', 'list-3', 'list-4', 'list-5'];
    for (const id of children) await admin.post(accounts, { id, limit: 'prepaid', parent: 'list' });
    const below = await allPages(admin, `${accounts}?parent=list`, 2);
    expect(below).toMatchObject({ pages: 3, items: children.map((id) => ({ id, parent: 'list' })) });
    const all = (await allPages(admin, accounts, 3)).items.map(({ id }) => textIn(id));
    expect(all).toEqual(all.toSorted());
    expect(new Set(all).size).toBe(all.length);
    expect(all).toEqual(expect.arrayContaining(['local', 'list', ...children]));
  });

  test('a list that fits exactly says that there is no more', async () => {
    await admin.post(accounts, { id: 'exact', limit: 'prepaid' });
    for (const ref of ['e1', 'e2']) await admin.post(`${accounts}/exact/topups`, { amount_usd: '1', ref });
    expect((await admin.get(`${accounts}/exact/ledger?limit=2`)).body).toMatchObject({ has_more: false, next: null });
    const first = await admin.get(`${accounts}/exact/ledger?limit=1`);
    expect(first.body).toMatchObject({ data: [{ ref: 'e1' }], has_more: true });
    expect((await admin.get(`${accounts}/exact/ledger?limit=1&after=${first.body.next}`)).body).toMatchObject({
      data: [{ ref: 'e2' }],
      has_more: false,
    });
    expect(await allPages(admin, `${accounts}/exact/ledger`, 1)).toMatchObject({
      pages: 2,
      items: [{ ref: 'e1' }, { ref: 'e2' }],
    });
  });

  test('grants are paged to their end', async () => {
    await admin.post(accounts, { id: 'many-grants', limit: 'prepaid' });
    for (const day of [1, 2, 3]) {
      await admin.post(`${accounts}/many-grants/grants`, { tokens: 5, ref: `g${day}`, expires_at: `2199-01-0${day}T00:00:00Z` });
    }
    expect(await allPages(admin, `${accounts}/many-grants/grants`, 1)).toMatchObject({
      pages: 3,
      items: [{ ref: 'g1' }, { ref: 'g2' }, { ref: 'g3' }],
    });
    expect((await admin.get(`${accounts}/many-grants/grants?after=g9`)).body.error).toMatchObject({ param: 'after' });
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=5&limit=6', 'limit'],
    ['colour=red', 'colour'],
  ])('?%s is refused', async (query, param) => {
    expect(await admin.get(`${accounts}?${query}`)).toMatchObject({ status: 400, body: { error: { param } } });
    expect(await admin.get(`${accounts}/local/ledger?${query}`)).toMatchObject({ status: 400, body: { error: { param } } });
  });

  test('a place in no list is refused', async () => {
    for (const path of ['ledger', 'requests', 'grants']) {
      expect(await admin.get(`${accounts}/local/${path}?after=x`)).toMatchObject({
        status: 400,
        body: { error: { param: 'after' } },
      });
    }
  });
});
