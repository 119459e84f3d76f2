import { expect, test } from 'vitest';
import { createLedger } from '../ledger/create-ledger.ts';
import type { CallFacts } from '../ledger/request-record.ts';
import type { JsonObject } from '../model/json.ts';
import { createMemoryStore } from '../store/memory/create-memory-store.ts';
import { scripted, startListener, validKey, type StartedListener } from './listener.test-support.ts';
import type { ListenerDeps } from './listener.ts';

const now = Date.UTC(2026, 10, 20, 12);
const clock = { now: () => now, ticks: () => 0 };

/** Books with one call of account `acct_1` (the valid key's) on the day before, and one of another account. */
async function books() {
  const store = createMemoryStore({ clock, epochId: 'boot_test' });
  const at = now - 86_400_000;
  const ledger = createLedger(store.ledger, { clock: { now: () => at }, onAlarm: () => undefined });
  for (const [accountId, requestId] of [
    ['acct_1', 'req_1'],
    ['acct_2', 'req_2'],
  ] as const) {
    await ledger.openAccount({ id: accountId, limit: 'prepaid' });
    await ledger.topUp(accountId, 1_000_000n, accountId);
    const hold = await ledger.hold({ requestId, accountId, amount: 2_000n, expiresAt: at + 1_000 });
    const line = { meter: 'output-text', quantity: 3, rate: { usd: '0.40', per: 1_000_000 }, amount: 1_500n } as const;
    const usage = { input: { total: 7 }, output: { total: 3 }, toolCalls: {} };
    const bill = { lines: [line], total: 1_500n, priceListId: 'list@1' };
    await ledger.settle(hold, { bill, usage, outcome: 'aborted', call: callOf(`gen_${requestId}`) });
  }
  return ledger;
}

function callOf(answerId: string): CallFacts {
  return {
    answerId,
    keyId: 'key_1',
    namedModel: 'alibaba/m',
    answeringModel: 'm',
    provider: 'p',
    attempts: [{ provider: 'p', model: 'theirs', durationMs: 9, fault: 'cancelled' }],
    streamed: true,
    createdAt: now - 86_400_000,
    firstTokenMs: 4,
    totalMs: 9,
    fault: 'cancelled',
    endUser: 'ann',
    tags: ['chat', 'team:a'],
    usedOwnKey: true,
  };
}

async function listenerOn(changes: Partial<ListenerDeps> = {}): Promise<StartedListener> {
  return startListener(scripted('Hi'), { records: await books(), clock, ...changes });
}

function get({ url }: StartedListener, path: string): Promise<Response> {
  return fetch(url + path, { headers: { authorization: `Bearer ${validKey}` } });
}

async function json(reply: Response): Promise<JsonObject> {
  return JSON.parse(await reply.text());
}

/** Every field that the AI SDK's gateway client (4.0) requires. */
const requiredOfGeneration = `
  id total_cost upstream_inference_cost usage created_at model is_byok provider_name streamed finish_reason latency
  generation_time native_tokens_prompt native_tokens_completion native_tokens_reasoning native_tokens_cached
  native_tokens_cache_creation billable_web_search_calls`
  .trim()
  .split(/\s+/);

test('a generation has every field that its clients require, and says how a broken one ended', async () => {
  await using listener = await listenerOn();
  const { data } = await json(await get(listener, '/v1/generation?id=gen_req_1'));
  for (const field of requiredOfGeneration) expect(data, field).toHaveProperty(field, expect.anything());
  expect(data).toMatchObject({
    total_cost: 0.0000015,
    cost_usd: '0.0000015',
    cost_nano_usd: '1500',
    finish_reason: 'cancelled',
    cancelled: true,
    error: 'cancelled',
    is_byok: true,
    external_user: 'ann',
    tags: ['chat', 'team:a'],
    latency: 4,
    generation_time: 9,
    created_at: '2026-11-19T12:00:00.000Z',
    cost_lines: [{ meter: 'output-text', quantity: 3, usd: '0.40', per: 1_000_000, cost_usd: '0.0000015' }],
  });
});

test.each([
  ['another account', 'gen_req_2', 404],
  ['nobody', 'gen_none', 404],
  ['no name', '', 400],
])('a generation of %s is not told', async (_, id, status) => {
  await using listener = await listenerOn();
  const reply = await get(listener, `/v1/generation?id=${id}`);
  expect(reply.status).toBe(status);
  expect(await json(reply)).toMatchObject({ error: { param: 'id' } });
});

test('usage is told for the last 30 days, from the full hour, unless the caller says otherwise', async () => {
  await using listener = await listenerOn();
  const said = await json(await get(listener, '/v1/usage'));
  expect(said).toMatchObject({
    object: 'list',
    from: '2026-10-21T12:00:00.000Z',
    to: '2026-11-20T12:00:00.001Z',
    group_by: 'model',
  });
  expect(said).toMatchObject({ data: [{ model: 'm', requests: 1, cost_nano_usd: '1500', cost_usd: '0.0000015' }] });
  expect(await json(await get(listener, '/v1/usage?from=2026-11-20&group_by=day'))).toMatchObject({ data: [] });
  expect(await json(await get(listener, '/v1/usage?from=2026-11-19T13:00%2B01:00&to=2026-11-20&group_by=day'))).toMatchObject({
    data: [{ day: '2026-11-19', requests: 1 }],
  });
});

test('usage comes as CSV to whoever asks for it', async () => {
  await using listener = await listenerOn();
  const reply = await get(listener, '/v1/usage?format=csv&group_by=key');
  expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(reply.headers.get('x-request-id')).toMatch(/^req_/);
  expect(await reply.text()).toMatch(/^key,requests,.*\r\nkey_1,1,7,0,3,0,1500,0\.0000015\r\n$/);
});

test.each([
  ['user', ['ann']],
  ['tag', ['chat', 'team:a']],
  ['provider', ['p']],
] as const)('usage is told by %s, as JSON and as CSV', async (groupBy, groups) => {
  await using listener = await listenerOn();
  const said = await json(await get(listener, `/v1/usage?group_by=${groupBy}`));
  expect(said).toMatchObject({ data: groups.map((group) => ({ [groupBy]: group, requests: 1, cost_nano_usd: '1500' })) });
  const csv = await (await get(listener, `/v1/usage?format=csv&group_by=${groupBy}`)).text();
  expect(csv.split('\r\n')).toEqual([
    expect.stringMatching(new RegExp(`^${groupBy},requests,`)),
    ...groups.map((group) => expect.stringMatching(new RegExp(`^${group},1,7,0,3,0,1500,`))),
    '',
  ]);
});

test.each([
  ['group_by=user', { user: 'ann' }],
  ['group_by=tag&user_id=ann', { tag: 'chat' }],
  ['group_by=provider&tags=chat,team:a', { provider: 'p' }],
  ['group_by=credential_type&model=m', { credential_type: 'byok' }],
  ['group_by=day&date_part=hour&credential_type=byok', { hour: '2026-11-19T12:00:00.000Z' }],
  ['group_by=model&provider=p', { model: 'm' }],
])('a spend report answers %s', async (query, head) => {
  await using listener = await listenerOn();
  const { results } = await json(await get(listener, `/v1/report?start_date=2026-11-19&end_date=2026-11-20&${query}`));
  expect(results).toMatchObject([
    { ...head, request_count: 1, total_cost: 0.0000015 },
    ...(query.includes('group_by=tag') ? [{}] : []),
  ]);
});

test.each(['user_id=bob', 'tags=chat,other', 'provider=q', 'credential_type=system', 'model=other'])(
  'a spend report of %s has no rows where nothing fits',
  async (query) => {
    await using listener = await listenerOn();
    const reply = await get(listener, `/v1/report?start_date=2026-11-19&end_date=2026-11-20&${query}`);
    expect(await json(reply)).toEqual({ results: [] });
  },
);

test.each([
  ['group_by', 'group_by=colour'],
  ['format', 'format=xml'],
  ['from', 'from=yesterday'],
  ['from', 'from=2026-02-30'],
  ['from', 'from=2026-11-20&to=2026-11-20'],
  ['to', 'to=2026-11-20T08:00:00'],
  ['to', 'to=1969-01-01'],
  ['to', 'to=2026-11-20&to=2026-11-21'],
  ['since', 'since=7d'],
])('a query with a wrong %s is refused with its name: %s', async (param, query) => {
  await using listener = await listenerOn();
  const reply = await get(listener, `/v1/usage?${query}`);
  expect(reply.status).toBe(400);
  expect(await json(reply)).toMatchObject({ error: { param } });
});

test('what is left is told in the unit that the server is set to', async () => {
  const left = { balance: '0.0009985', total_used: '0.0000015', is_limited: true };
  await using inUsd = await listenerOn();
  const usd = await get(inUsd, '/v1/credits');
  expect(usd.headers.get('x-remaining-credits')).toBe('0.0009985');
  expect(await json(usd)).toEqual(left);
  await using inCredits = await listenerOn({ creditUnit: 'credits', creditsPerUsd: 2_000_000n });
  const credits = await get(inCredits, '/v1/credits');
  expect(credits.headers.get('x-remaining-credits')).toBe('1997');
  // The body stays in dollars: its clients take it for dollars.
  expect(await json(credits)).toEqual(left);
});

test('a key is told its own use: of today, of this week, of this month, and of ever', async () => {
  await using listener = await listenerOn();
  const { data } = await json(await get(listener, '/v1/key'));
  // The day before was a Thursday.
  expect(data).toMatchObject({
    label: 'laptop',
    usage: 0.0000015,
    usage_daily: 0,
    usage_weekly: 0.0000015,
    usage_monthly: 0.0000015,
  });
});

test('an answer tells what the exchange was told last before its head', async () => {
  const serve = async function* (call) {
    call.onBalance?.(500n);
    for await (const batch of scripted('Hi')(call)) yield batch;
    call.onBalance?.(800n);
  } satisfies ListenerDeps['serve'];
  await using listener = await startListener(serve);
  const post = (body: JsonObject): Promise<Response> =>
    fetch(`${listener.url}/v1/say`, {
      method: 'POST',
      headers: { authorization: `Bearer ${validKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const whole = await post({ model: 'm' });
  expect(whole.headers.get('x-remaining-credits')).toBe('0.0000008');
  const streamed = await post({ model: 'm', stream: true });
  expect(streamed.headers.get('x-remaining-credits')).toBe('0.0000005');
  await Promise.all([whole.text(), streamed.text()]);
});
