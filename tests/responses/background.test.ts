import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer } from '../support/test-server.ts';
import type { TestServer } from '../support/test-server.ts';

// Responses in the background, on one server. What two of them make of each other is in replicas.test.ts.

const settings = { engine: { enabled: false }, scripted: { enabled: true } };

async function clientClass(specifier: string): Promise<typeof OpenAI> {
  const module: { readonly default: typeof OpenAI } = await import(specifier);
  return module.default;
}

describe.each([
  ['openai', 'owner'],
  ['openai-6', 'memory'],
] as const)('%s on a store of kind %s', (specifier, store) => {
  let server: TestServer;
  let openai: OpenAI;
  beforeAll(async () => {
    server = await startTestServer({ settings, store });
    const Client = await clientClass(specifier);
    openai = new Client({ baseURL: `${server.url}/v1`, apiKey: server.key, maxRetries: 0 });
  });
  afterAll(() => server.stop());

  const inBackground = { input: 'Hi', background: true } as const;

  async function ended(id: string): Promise<OpenAI.Responses.Response> {
    const isOver = async (): Promise<boolean> => {
      const { status } = await openai.responses.retrieve(id);
      return status !== 'queued' && status !== 'in_progress';
    };
    await expect.poll(isOver, { timeout: 20_000, interval: 50 }).toBe(true);
    return openai.responses.retrieve(id);
  }

  test('a response is queued, runs without its caller, and is found complete and billed', async () => {
    const queued = await openai.responses.create({ model: 'scripted/slow-tokens', ...inBackground });
    expect(queued).toMatchObject({ status: 'queued', background: true, output: [] });
    const found = await ended(queued.id);
    expect(found).toMatchObject({ id: queued.id, status: 'completed', output_text: 'Hello from the script.', background: true });
    expect(found.usage?.output_tokens).toBeGreaterThan(0);
    const record = await server.server.home.ledger.answerRecord(queued.id);
    expect(record).toMatchObject({ outcome: 'complete', usage: { output: { total: found.usage?.output_tokens } } });
  });

  test('a response that fails says why', async () => {
    const { id } = await openai.responses.create({ model: 'scripted/error-mid-stream', ...inBackground });
    expect(await ended(id)).toMatchObject({ status: 'failed', error: { code: 'overloaded' } });
  });

  test('a cancelled response stops its host, and stays cancelled', async () => {
    const { id } = await openai.responses.create({ model: 'scripted/stall', ...inBackground });
    await expect.poll(async () => (await openai.responses.retrieve(id)).status, { timeout: 10_000 }).toBe('in_progress');
    expect(await openai.responses.cancel(id)).toMatchObject({ id, status: 'cancelled' });
    await server.idle();
    expect(await openai.responses.cancel(id)).toMatchObject({ status: 'cancelled' });
    expect(await openai.responses.retrieve(id)).toMatchObject({ status: 'cancelled' });
  });

  test('only what runs in the background can be cancelled', async () => {
    const { id } = await openai.responses.create({ model: 'scripted/hello', input: 'Hi' });
    await expect(openai.responses.cancel(id)).rejects.toMatchObject({ status: 400, param: 'id' });
    await expect(openai.responses.create({ model: 'scripted/hello', ...inBackground, store: false })).rejects.toMatchObject({
      status: 400,
      param: 'background',
    });
  });

  test('a response goes on from one in the background once that has ended, and not before', async () => {
    const { id } = await openai.responses.create({ model: 'scripted/slow-tokens', ...inBackground });
    const next = { model: 'scripted/echo', input: 'More', previous_response_id: id };
    await expect(openai.responses.create(next)).rejects.toMatchObject({ status: 409, param: 'previous_response_id' });
    await ended(id);
    expect(await openai.responses.create(next)).toMatchObject({ status: 'completed', output_text: 'More' });
  });

  test('a stream that broke off is taken up again after its last event, and ends in the same way', async () => {
    const stream = await openai.responses.create({ model: 'scripted/slow-tokens', ...inBackground, stream: true });
    const seen: OpenAI.Responses.ResponseStreamEvent[] = [];
    for await (const event of stream) {
      seen.push(event);
      if (event.type === 'response.output_text.delta') break;
    }
    const [first] = seen;
    const id = first?.type === 'response.created' ? first.response.id : '';
    const last = seen.at(-1)?.sequence_number ?? 0;
    const rest = await Array.fromAsync(await openai.responses.retrieve(id, { stream: true, starting_after: last }));
    const all = [...seen, ...rest];
    expect(all.map((event) => event.sequence_number)).toEqual(all.map((_, number) => number));
    expect(textOf(all)).toBe('Hello from the script.');
    expect(all.at(-1)).toMatchObject({ type: 'response.completed', response: { id, status: 'completed' } });
    // Once more, after it has ended.
    const again = await Array.fromAsync(await openai.responses.retrieve(id, { stream: true }));
    expect(again).toEqual(all);
    expect(
      await Array.fromAsync(await openai.responses.retrieve(id, { stream: true, starting_after: again.length - 1 })),
    ).toEqual([]);
  });

  test('whoever watches a response that is cancelled is told', async () => {
    const stream = await openai.responses.create({ model: 'scripted/stall', ...inBackground, stream: true });
    const reading = async (): Promise<void> => {
      for await (const event of stream) if (event.type === 'response.created') await openai.responses.cancel(event.response.id);
    };
    await expect(reading()).rejects.toThrow('cancelled');
  });

  test('a response that was not in the background is replayed from what is kept', async () => {
    const whole = await openai.responses.create({ model: 'scripted/thinking', input: 'Hi' });
    const events = await Array.fromAsync(await openai.responses.retrieve(whole.id, { stream: true }));
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, number) => number));
    expect(textOf(events)).toBe(whole.output_text);
    expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { id: whole.id, output: whole.output } });
    const rest = await Array.fromAsync(await openai.responses.retrieve(whole.id, { stream: true, starting_after: 3 }));
    expect(rest).toEqual(events.slice(4));
  });

  test('the same Idempotency-Key starts one response, another body under it is refused', async () => {
    const headers = { 'idempotency-key': 'one background order' };
    const first = await openai.responses.create({ model: 'scripted/hello', ...inBackground }, { headers });
    const again = await openai.responses.create({ model: 'scripted/hello', ...inBackground }, { headers });
    expect(again.id).toBe(first.id);
    await expect(openai.responses.create({ model: 'scripted/echo', ...inBackground }, { headers })).rejects.toMatchObject({
      status: 422,
    });
    await ended(first.id);
  });
});

test('a server that shuts down waits for what runs in the background, and what outlasts its patience has failed', async () => {
  const server = await startTestServer({ settings });
  const openai = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key, maxRetries: 0 });
  const slow = await openai.responses.create({ model: 'scripted/slow-tokens', input: 'Hi', background: true });
  const stalled = await openai.responses.create({ model: 'scripted/stall', input: 'Hi', background: true });
  const find = (id: string) => server.server.home.sessions.find({ accountId: 'local', id }, Date.now());
  const closing = Promise.withResolvers<void>();
  const { close } = server.server.home;
  // The store is looked at in the moment before it closes.
  const statuses: (string | undefined)[] = [];
  Object.assign(server.server.home, {
    close: async () => {
      statuses.push((await find(slow.id))?.status, (await find(stalled.id))?.status);
      await close();
      closing.resolve();
    },
  });
  await server.stop();
  await closing.promise;
  expect(statuses).toEqual(['completed', 'failed']);
});

function textOf(events: readonly OpenAI.Responses.ResponseStreamEvent[]): string {
  return events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join('');
}
