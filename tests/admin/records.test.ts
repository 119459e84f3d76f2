import { afterAll, beforeAll, expect, test } from 'vitest';
import { allPages, model, startAdminServer, textIn, type AdminServer } from './admin-client.ts';

// What the operator looks up: requests, usage, health.

let admin: AdminServer;
const requestIds: string[] = [];
beforeAll(async () => {
  admin = await startAdminServer();
  await admin.post('/admin/v1/accounts', { id: 'customer', limit: 'prepaid' });
  await admin.post('/admin/v1/accounts/customer/topups', { amount_usd: '5', ref: 'paid' });
  for (const name of ['one', 'two']) {
    const { body } = await admin.post('/admin/v1/keys', { name, account: 'customer' });
    for (const _ of [1, 2, 3]) requestIds.push(await admin.chat(textIn(body['key'])));
  }
});
afterAll(() => admin.stop());

test('a request is shown with its cost in both forms, by its own id and by that of its answer', async () => {
  const byId = await admin.get(`/admin/v1/requests/${requestIds[0]}`);
  expect(byId.body).toMatchObject({
    request_id: requestIds[0],
    account: 'customer',
    outcome: 'complete',
    model,
    provider_name: 'host',
    native_tokens_prompt: 3,
    native_tokens_completion: 1,
    cost_usd: expect.stringMatching(/^0\.0000/),
    cost_nano_usd: expect.stringMatching(/^[1-9]\d*$/),
  });
  expect((await admin.get(`/admin/v1/requests/${textIn(byId.body['id'])}`)).body).toEqual(byId.body);
  expect(byId.text).not.toContain('Hello');
  expect(await admin.get('/admin/v1/requests/req_none')).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
  expect((await admin.get('/admin/v1/requests/gen_none')).status).toBe(404);
  expect((await admin.get(`/admin/v1/requests/${requestIds[0]}?x=1`)).status).toBe(400);
});

test("an account's requests are paged to the oldest, the newest first", async () => {
  const path = '/admin/v1/accounts/customer/requests';
  for (const limit of [1, 2, 4, 6]) {
    const { items, pages } = await allPages(admin, path, limit);
    expect(items.map((each) => each['request_id'])).toEqual(requestIds.toReversed());
    expect(pages).toBe(Math.ceil(requestIds.length / limit));
  }
  expect((await admin.get('/admin/v1/accounts/local/requests')).body).toEqual({ data: [], has_more: false, next: null });
  // A request of another account is no place in this list.
  expect((await admin.get(`/admin/v1/accounts/local/requests?after=${requestIds[0]}`)).status).toBe(400);
});

test('usage is grouped, paged as JSON, and whole as CSV; its sum is what the ledger says', async () => {
  const spent = textIn((await admin.get('/admin/v1/accounts/customer')).body['spent_nano_usd']);
  const byModel = await admin.get('/admin/v1/usage?account=customer');
  expect(byModel.body).toMatchObject({
    account: 'customer',
    group_by: 'model',
    data: [{ model, requests: 6, input_tokens: 18, output_tokens: 6, cost_nano_usd: spent }],
    has_more: false,
  });
  const byKey = await allPages(admin, '/admin/v1/usage?account=customer&group_by=key', 1);
  expect(byKey).toMatchObject({ pages: 2, items: [{ requests: 3 }, { requests: 3 }] });
  const csv = await admin.get('/admin/v1/usage?account=customer&group_by=key&format=csv&limit=1');
  expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8');
  expect(csv.text.split('\r\n')).toHaveLength(4);
  expect(csv.text).toMatch(/^key,requests,/);
});

test('usage by user is paged past users of any name, and past the calls that named none', async () => {
  await admin.post('/admin/v1/accounts', { id: 'shop', limit: 'none' });
  const { body } = await admin.post('/admin/v1/keys', { name: 'shop', account: 'shop' });
  const users = [undefined, 'none', '=none', 'ann'];
  for (const user of users) await admin.chat(textIn(body['key']), user);
  const { items, pages } = await allPages(admin, '/admin/v1/usage?account=shop&group_by=user', 1);
  expect(items.map(({ user }) => user)).toEqual([null, '=none', 'ann', 'none']);
  expect(pages).toBe(users.length);
});

test.each([
  ['', 'account'],
  ['account=customer&group_by=colour', 'group_by'],
  ['account=customer&format=xml', 'format'],
  ['account=customer&from=yesterday', 'from'],
  ['account=customer&from=2026-02-30', 'from'],
  ['account=customer&from=2026-02-02&to=2026-02-01', 'from'],
  ['account=customer&limit=0', 'limit'],
  ['account=customer&after=nobody', 'after'],
])('usage?%s is refused for %s', async (query, param) => {
  expect(await admin.get(`/admin/v1/usage?${query}`)).toMatchObject({ status: 400, body: { error: { param } } });
});

test('usage of an account that there is not is 404', async () => {
  expect((await admin.get('/admin/v1/usage?account=nobody')).status).toBe(404);
});

test('health tells the version, what is ready, and how much runs', async () => {
  expect((await admin.get('/admin/v1/health')).body).toEqual({
    status: 'ready',
    version: '0.0.0-test',
    in_flight: 0,
    components: { providers: { ready: true } },
  });
});
