import { createGateway } from 'ai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { runFlashmux } from '../cli/flashmux-process.ts';
import { startRecordingUpstream, type RecordingUpstream } from '../support/recording-upstream.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

// One call of a priced model, and every place where its cost is told: they must all say the same nano-dollars.

/** Its host says that it used 3 tokens in and 1 out. */
const model = 'qwen3.5-flash';
const dollar = 1_000_000_000n;

describe.each(['owner', 'memory'] as const)('a prepaid account on a server with its data in "%s"', (store) => {
  let upstream: RecordingUpstream;
  let server: TestServer;
  let key = '';
  let poorKey = '';

  beforeAll(async () => {
    upstream = await startRecordingUpstream();
    const priced = { name: 'priced', base_url: upstream.baseUrl, models: [model] };
    const broken = { name: 'broken', base_url: 'http://127.0.0.1:9/v1', models: ['qwen3.6-flash'] };
    server = await startTestServer({ store, settings: { engine: { enabled: false }, providers: [priced, broken] } });
    const { ledger, access } = server.server.home;
    await ledger.openAccount({ id: 'customer', limit: 'prepaid' });
    await ledger.topUp('customer', dollar, 'payment-1');
    await ledger.openAccount({ id: 'poor', limit: 'prepaid' });
    await ledger.topUp('poor', 10n, 'payment-2');
    key = (await access.create({ name: 'laptop', accountId: 'customer' })).secret;
    poorKey = (await access.create({ name: 'poor', accountId: 'poor' })).secret;
  });
  afterAll(async () => {
    await server.stop();
    await upstream.close();
  });

  function post(body: JsonObject, secret = key, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }], max_tokens: 100, ...body }),
    });
  }

  async function get(path: string, secret = key): Promise<{ status: number; headers: Headers; body: Told }> {
    const reply = await fetch(server.url + path, { headers: { authorization: `Bearer ${secret}` } });
    return { status: reply.status, headers: reply.headers, body: JSON.parse(await reply.text()) };
  }

  /** The ledger's own figure for an answer, found by its id. */
  async function postedFor(answerId: string): Promise<bigint> {
    const record = await server.server.home.ledger.answerRecord(answerId);
    const entries = await server.server.home.ledger.entries({ accountId: 'customer', limit: 100 });
    const entry = entries.find(({ ref }) => ref === record?.requestId);
    if (record === undefined || entry === undefined) throw new Error(`nothing was posted for ${answerId}`);
    expect(record.charged).toBe(-entry.amount);
    return record.charged;
  }

  const decimal = (nano: bigint): string => `${nano / dollar}.${(nano % dollar).toString().padStart(9, '0').replace(/0+$/, '')}`;

  test('a whole answer tells the cost and what is left after it, and so do record, look-ups and ledger', async () => {
    const { available: before } = await server.server.home.ledger.balance('customer');
    const reply = await post({});
    const answer: Told = JSON.parse(await reply.text());
    const cost = await postedFor(String(answer.id));
    expect(cost).toBeGreaterThan(0n);
    expect(answer.usage).toMatchObject({ cost_usd: Number(decimal(cost)), cost: Number(decimal(cost)) });
    expect(reply.headers.get('x-remaining-credits')).toBe(decimal((before ?? 0n) - cost));

    const { body } = await get(`/v1/generation?id=${answer.id}`);
    expect(body.data).toMatchObject({
      id: answer.id,
      cost_nano_usd: cost.toString(),
      total_cost: Number(decimal(cost)),
      streamed: false,
      model,
      provider_name: 'priced',
      finish_reason: 'stop',
      native_tokens_prompt: 3,
      native_tokens_completion: 1,
      provider_responses: [{ provider_name: 'priced', model, error: null }],
    });
  });

  test('a streamed answer tells in its head what is left beside its hold, and the cost at its end', async () => {
    const { available } = await server.server.home.ledger.balance('customer');
    const before = available ?? 0n;
    const reply = await post({ stream: true, stream_options: { include_usage: true } });
    const text = await reply.text();
    const frames = text.split('\n\n').filter((frame) => frame.startsWith('data: {'));
    const last: Told = JSON.parse(frames.at(-1)?.slice('data: '.length) ?? '{}');
    const cost = await postedFor(String(last.id));
    expect(last.usage).toMatchObject({ cost_usd: Number(decimal(cost)) });
    // 100 tokens of answer and all of its thinking were held, which is far more than the one token that came.
    expect(Number(reply.headers.get('x-remaining-credits'))).toBeLessThan(Number(decimal(before - cost)));
    expect((await get(`/v1/generation?id=${last.id}`)).body.data).toMatchObject({
      cost_nano_usd: cost.toString(),
      streamed: true,
      latency: expect.any(Number),
    });
    const credits = await get('/v1/credits');
    expect(credits.body).toMatchObject({ balance: decimal(before - cost), is_limited: true });
    expect(credits.headers.get('x-remaining-credits')).toBe(credits.body.balance);
  });

  test('balance, use of the key and sums of usage are those of the ledger', async () => {
    const { available, spent } = await server.server.home.ledger.balance('customer');
    const { body } = await get('/v1/credits');
    expect(body).toEqual({ balance: decimal(available ?? 0n), total_used: decimal(spent), is_limited: true });
    const own = await get('/v1/key');
    expect(own.body.data).toMatchObject({ label: 'laptop', usage: Number(decimal(spent)), usage_daily: Number(decimal(spent)) });
    const usage = await get('/v1/usage?group_by=model');
    expect(usage.body.data).toEqual([
      {
        model,
        requests: 2,
        input_tokens: 6,
        cache_read_tokens: 0,
        output_tokens: 2,
        reasoning_tokens: 0,
        cost_nano_usd: spent.toString(),
        cost_usd: decimal(spent),
      },
    ]);
  });

  test("the AI SDK's gateway client reads credits and generations", async () => {
    const gateway = createGateway({ baseURL: `${server.url}/v4/ai`, apiKey: key });
    const { available, spent } = await server.server.home.ledger.balance('customer');
    expect(await gateway.getCredits()).toMatchObject({ balance: decimal(available ?? 0n), totalUsed: decimal(spent) });
    const [record] = await server.server.home.ledger.requestRecords({ accountId: 'customer', limit: 1 });
    const id = record?.call?.answerId ?? '';
    expect(await gateway.getGenerationInfo({ id })).toMatchObject({
      id,
      model,
      providerName: 'priced',
      isByok: false,
      finishReason: 'stop',
      totalCost: Number(decimal(record?.charged ?? 0n)),
      promptTokens: 3,
      completionTokens: 1,
    });
  });

  test('a call of which nothing came is free again before its caller hears of it, and leaves a record', async () => {
    const { available } = await server.server.home.ledger.balance('customer');
    const reply = await post({ model: 'qwen3.6-flash' });
    expect(reply.status).toBe(502);
    expect(reply.headers.get('x-remaining-credits')).toBe(decimal(available ?? 0n));
    const requestId = reply.headers.get('x-request-id') ?? '';
    const failed = { provider: 'broken', fault: 'upstream_failed' };
    expect(await server.server.home.ledger.requestRecord(requestId)).toMatchObject({
      outcome: 'failed',
      charged: 0n,
      // A broken connection is tried twice.
      call: { provider: 'broken', fault: 'upstream_failed', attempts: [failed, failed] },
    });
  });

  test('who has too little is told what is needed and what there is, and nothing is asked of the host', async () => {
    const reply = await post({}, poorKey);
    expect(reply.status).toBe(402);
    expect(reply.headers.get('x-remaining-credits')).toBe('0.00000001');
    expect(await reply.text()).toMatch(/can cost up to \$0\.\d+; the account has \$0\.00000001 available/);
    expect((await get('/v1/usage', poorKey)).body.data).toEqual([]);
  });

  test('nobody sees the answer of another account, and nobody without a limit is told a remainder', async () => {
    const [record] = await server.server.home.ledger.requestRecords({ accountId: 'customer', limit: 1 });
    const path = `/v1/generation?id=${record?.call?.answerId}`;
    expect((await get(path)).status).toBe(200);
    const other = await get(path, poorKey);
    expect(other).toMatchObject({ status: 404, body: { error: { param: 'id' } } });
    expect((await get('/v1/models')).headers.get('x-remaining-credits')).not.toBeNull();
    expect((await get('/v1/models', server.key)).headers.get('x-remaining-credits')).toBeNull();
    expect((await post({}, server.key)).headers.get('x-remaining-credits')).toBeNull();
  });

  test('I11: the costs that callers were told add up to what the ledger took from their account', async () => {
    const { ledger } = server.server.home;
    const { spent: before } = await ledger.balance('customer');
    const once = { 'idempotency-key': 'only once' };
    const replies = await Promise.all([
      ...Array.from({ length: 6 }, (_, number) => post({ max_tokens: 10 + number })),
      ...Array.from({ length: 6 }, () => post({ stream: true, stream_options: { include_usage: true } })),
      post({ model: 'qwen3.6-flash' }),
      post({}, key, once),
    ]);
    replies.push(await post({}, key, once));
    const told = await Promise.all(replies.map(async (reply) => toldBy(await reply.text())));
    // The same answer told again is the same cost.
    const costs = new Map(told.map(({ id, cost }) => [id, cost]));
    expect(costs.size).toBe(replies.length - 1);
    expect(told.filter(({ cost }) => cost === 0n)).toHaveLength(1);
    const { spent: after, pending } = await ledger.balance('customer');
    expect(after - before).toBe([...costs.values()].reduce((sum, cost) => sum + cost, 0n));
    expect(pending).toBe(0n);
  });

  test.runIf(store === 'owner')('the command line beside the server says the same', async () => {
    const { ledger } = server.server.home;
    const { spent } = await ledger.balance('customer');
    const entries = await ledger.entries({ accountId: 'customer', limit: 100 });
    const [record] = await ledger.requestRecords({ accountId: 'customer', limit: 1 });
    const flashmux = async (...words: string[]): Promise<Told> => {
      const { stdout } = await runFlashmux([...words, '--json'], { home: server.home });
      return JSON.parse(stdout);
    };
    const [listed, balance, usage, shown] = await Promise.all([
      flashmux('credits', 'ledger', '--account', 'customer'),
      flashmux('credits', 'balance', '--account', 'customer'),
      flashmux('usage', '--by', 'key', '--account', 'customer'),
      flashmux('logs', 'show', record?.requestId ?? ''),
    ]);
    expect(listed).toMatchObject(entries.map(({ amount, ref }) => ({ ref, amount_nano_usd: amount.toString() })));
    expect(balance).toMatchObject({ spent_nano_usd: spent.toString() });
    expect(usage).toMatchObject([{ cost_nano_usd: spent.toString() }]);
    expect(shown).toMatchObject({ request_id: record?.requestId, cost_nano_usd: record?.charged.toString() });
  });
});

/** What a reply of any kind says that it cost, in nano-dollars; a fault costs nothing. */
function toldBy(reply: string): { readonly id: string | undefined; readonly cost: bigint } {
  const last = reply.startsWith('data: ') ? reply.split('\n\n').findLast((frame) => frame.startsWith('data: {')) : reply;
  const { id, usage }: Told = JSON.parse(last?.replace('data: ', '') ?? '{}');
  const usd = usage?.['cost_usd'];
  return { id, cost: typeof usd === 'number' ? BigInt(usd.toFixed(9).replace('.', '')) : 0n };
}

/** As much of the replies as the tests look at. */
interface Told extends JsonObject {
  readonly id?: string;
  readonly balance?: string;
  readonly usage?: JsonObject;
  readonly data?: JsonObject;
}
