import { expect, test, vi } from 'vitest';
import type { Catalogue, ModelEntry, Order } from '../catalogue/catalogue.ts';
import { operatorModel } from '../catalogue/operator-model.ts';
import { createLedger } from '../ledger/create-ledger.ts';
import type { AnswerEvent, EventBatch } from '../model/event.ts';
import { FlashmuxError, type FaultCode } from '../model/fault.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { Provider } from '../model/ports.ts';
import type { Usage } from '../model/usage.ts';
import { createRouting } from '../routing/routing.ts';
import { createMemoryStore } from '../store/memory/create-memory-store.ts';
import { systemClock } from '../telemetry/clock.ts';
import { silentLog } from '../telemetry/log.ts';
import { Admission } from './admission.ts';
import type { Call } from './call.ts';
import { createExchange } from './serve.ts';

const model: ModelEntry = operatorModel({
  id: 'm',
  context: 1_000,
  output: 1_000,
  prices: { 'input-text': '1000', 'output-text': '2000', reasoning: '2000' },
});

const request: GenerateRequest = {
  model: 'm',
  turns: [{ role: 'user', parts: [{ kind: 'text', text: 'Hello' }] }],
  tools: [],
  sampling: {},
  limits: { answerTokens: 100 },
  thinking: { kind: 'off' },
  form: { kind: 'unsaid' },
  delivery: { kind: 'stream' },
};

const catalogue: Catalogue = {
  find: (id) => (id === 'm' ? { model } : undefined),
  list: () => [model],
  resolve: (wanted): Order => ({ request: wanted, model, limits: model.limits, priceList: model.priceList, notices: [] }),
};

const start: AnswerEvent = { kind: 'answer-start', id: 'theirs', model: 'theirs' };
const say = (text: string): AnswerEvent => ({ kind: 'part-delta', answer: 0, index: 0, delta: { kind: 'text', text } });
const open: AnswerEvent = { kind: 'part-start', answer: 0, index: 0, part: { kind: 'text' } };
const used = (input: number, output: number): AnswerEvent => ({ kind: 'usage', usage: usageOf(input, output) });
const usageOf = (input: number, output: number): Usage => ({ input: { total: input }, output: { total: output }, toolCalls: {} });
const ending: readonly AnswerEvent[] = [
  { kind: 'part-end', answer: 0, index: 0 },
  { kind: 'answer-end', answer: 0, reason: 'stop' },
];

type Script = (signal: AbortSignal) => AsyncGenerator<EventBatch, void, undefined>;

async function* good(): AsyncGenerator<EventBatch, void, undefined> {
  yield [start];
  yield [open, say('Hi')];
  yield [...ending, used(10, 5)];
}

/** A host that fails before it says anything. */
function failsWith(code: FaultCode): Script {
  return async function* () {
    await Promise.reject(new FlashmuxError(code, 'no'));
    yield [];
  };
}

async function untilAborted(signal: AbortSignal): Promise<never> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(new FlashmuxError('cancelled', 'stopped')), { once: true });
  return await promise;
}

/** An exchange over scripted hosts, with 1 dollar on the account. A token in costs 1,000,000 nano-dollars, one out the double. */
async function exchangeOf(...scripts: readonly (Script | { readonly script: Script; readonly cancellable: boolean })[]) {
  const store = createMemoryStore({ clock: systemClock, epochId: 'boot_test' });
  const alarms = vi.fn<() => void>();
  const ledger = createLedger(store.ledger, { clock: systemClock, onAlarm: alarms });
  await ledger.openAccount({ id: 'acct', limit: 'prepaid' });
  await ledger.topUp('acct', 1_000_000_000n, 'gift');
  const providers = new Map<string, Provider>();
  for (const [index, entry] of scripts.entries()) {
    const { script, cancellable } = typeof entry === 'function' ? { script: entry, cancellable: true } : entry;
    providers.set(`p${index}`, { name: `p${index}`, cancellable, run: (_, signal) => script(signal) });
  }
  const routing = createRouting({
    catalogue,
    hosts: [...providers.keys()].map((provider) => ({ provider, model: 'm', upstreamModel: 'theirs' })),
    local: () => undefined,
  });
  const exchange = createExchange({
    catalogue,
    routing,
    ledger,
    providers,
    admission: new Admission({ maxInFlight: 4, maxInFlightPerKey: 4, maxQueued: 4, maxQueueMs: 1_000 }),
    counter: { count: async (text) => text.length },
    deadlines: { firstEventMs: 1_000, idleMs: 1_000, totalMs: 1_000 },
    clock: systemClock,
    log: silentLog,
  });
  return {
    ledger,
    alarms,
    serve: (wanted: Partial<Call> = {}) =>
      exchange.serve({
        requestId: 'req_1',
        answerId: 'gen_1',
        caller: { keyId: 'k', accountId: 'acct' },
        request,
        signal: new AbortController().signal,
        ...wanted,
      }),
    /** Spent and still held, once everything that ended is settled. */
    async books() {
      await exchange.settled();
      const { spent, pending } = await ledger.balance('acct');
      return { spent, pending };
    },
  };
}

async function drain(stream: AsyncIterable<EventBatch>): Promise<AnswerEvent[]> {
  const events: AnswerEvent[] = [];
  for await (const batch of stream) events.push(...batch);
  return events;
}

test('the answer carries our id, the model and the host, and the usage comes last, settled', async () => {
  const { serve, books } = await exchangeOf(good);
  const events = await drain(serve());
  expect(events[0]).toMatchObject({ kind: 'answer-start', id: 'gen_1', model: 'm', provider: 'p0' });
  expect(events.at(-1)).toMatchObject({ kind: 'usage', bill: { total: 20_000_000n } });
  expect(events.filter((event) => event.kind === 'answer-start' || event.kind === 'usage')).toHaveLength(2);
  expect(await books()).toEqual({ spent: 20_000_000n, pending: 0n });
});

test('what the caller has seen on the bill is in the ledger already', async () => {
  const { serve, ledger } = await exchangeOf(good);
  for await (const batch of serve()) {
    if (batch.some((event) => event.kind === 'usage')) expect((await ledger.balance('acct')).spent).toBe(20_000_000n);
  }
});

test('the worst case is held while the answer runs', async () => {
  const { serve, ledger } = await exchangeOf(good);
  const stream = serve();
  await stream.next();
  // At most 100 tokens out, and the input's bytes with what a template adds.
  expect((await ledger.balance('acct')).pending).toBeGreaterThanOrEqual(205_000_000n);
  await drain(stream);
});

test('a hold that does not fit is refused before any host is asked', async () => {
  const host = vi.fn<Script>(good);
  const { serve, books } = await exchangeOf(host);
  await expect(drain(serve({ request: { ...request, limits: { answerTokens: 1_000 } } }))).rejects.toMatchObject({
    code: 'insufficient_credits',
  });
  expect(host).not.toHaveBeenCalled();
  expect(await books()).toEqual({ spent: 0n, pending: 0n });
});

test('a host that fails before its first word is not noticed, and not charged', async () => {
  const { serve, books } = await exchangeOf(async function* () {
    yield [start];
    throw new FlashmuxError('upstream_failed', 'gone');
  }, good);
  const events = await drain(serve());
  expect(events[0]).toMatchObject({ provider: 'p1' });
  expect(await books()).toEqual({ spent: 20_000_000n, pending: 0n });
});

test('after the first word no other host is tried, and what was said is charged', async () => {
  const second = vi.fn<Script>(good);
  const { serve, books } = await exchangeOf(async function* () {
    yield [start, open, say('12345')];
    throw new FlashmuxError('upstream_failed', 'gone');
  }, second);
  await expect(drain(serve())).rejects.toMatchObject({ code: 'upstream_failed' });
  expect(second).not.toHaveBeenCalled();
  // 5 characters out and "user\nHello\n" in, by the test's counter.
  expect(await books()).toEqual({ spent: 11_000_000n + 10_000_000n, pending: 0n });
});

test('a fault that the caller must mend is not tried elsewhere', async () => {
  const second = vi.fn<Script>(good);
  const { serve, books } = await exchangeOf(failsWith('invalid_request'), second);
  await expect(drain(serve())).rejects.toMatchObject({ code: 'invalid_request' });
  expect(second).not.toHaveBeenCalled();
  expect(await books()).toEqual({ spent: 0n, pending: 0n });
});

test('when every host fails the last fault is told and nothing is charged', async () => {
  const failing = failsWith('upstream_timeout');
  const { serve, books } = await exchangeOf(failing, failing);
  await expect(drain(serve())).rejects.toMatchObject({ code: 'upstream_timeout' });
  expect(await books()).toEqual({ spent: 0n, pending: 0n });
});

test('a caller who leaves stops the host, which still says what it used', async () => {
  const { serve, books } = await exchangeOf(async function* (signal) {
    yield [start, open, say('Hi')];
    await untilAborted(signal).catch(() => undefined);
    yield [used(10, 3)];
  });
  const leaving = new AbortController();
  const stream = serve({ signal: leaving.signal });
  await stream.next();
  leaving.abort();
  await expect(stream.next()).rejects.toMatchObject({ code: 'cancelled' });
  expect(await books()).toEqual({ spent: 16_000_000n, pending: 0n });
});

test('a listener that just leaves the loop settles like a caller who left', async () => {
  let stopped = false;
  const { serve, books } = await exchangeOf(async function* (signal) {
    signal.addEventListener('abort', () => (stopped = true));
    yield [start, open, say('Hi')];
    await untilAborted(signal);
  });
  for await (const _ of serve()) break;
  expect(await books()).toEqual({ spent: 11_000_000n + 4_000_000n, pending: 0n });
  expect(stopped).toBe(true);
});

test('a host that bills the whole answer anyway is read to its end', async () => {
  const script: Script = async function* () {
    yield [start, open, say('Hi')];
    await new Promise((resolve) => setTimeout(resolve, 20));
    yield [say(' there'), ...ending];
    yield [used(10, 50)];
  };
  const { serve, books } = await exchangeOf({ script, cancellable: false });
  for await (const _ of serve()) break;
  expect(await books()).toEqual({ spent: 110_000_000n, pending: 0n });
});

test('a caller who leaves before the first word owes nothing', async () => {
  const { serve, books } = await exchangeOf(async function* (signal) {
    await untilAborted(signal);
    yield [];
  });
  const leaving = new AbortController();
  const next = serve({ signal: leaving.signal }).next();
  setTimeout(() => leaving.abort(), 5);
  await expect(next).rejects.toMatchObject({ code: 'cancelled' });
  expect(await books()).toEqual({ spent: 0n, pending: 0n });
});

test('a host that never told its usage is counted here, and the usage says so', async () => {
  const { serve } = await exchangeOf(async function* () {
    yield [start, open, say('four'), ...ending];
  });
  const events = await drain(serve());
  expect(events.at(-1)).toMatchObject({ usage: { estimated: true, output: { total: 4 }, input: { total: 11 } } });
});

test('usage told twice is the last usage, never the sum; a told zero is a zero', async () => {
  const twice = await exchangeOf(async function* () {
    yield [start, open, used(10, 1), say('x'), used(10, 5), ...ending, used(10, 5)];
  });
  await drain(twice.serve());
  expect(await twice.books()).toEqual({ spent: 20_000_000n, pending: 0n });
  const zero = await exchangeOf(async function* () {
    yield [start, open, say('x'), ...ending, used(0, 0)];
  });
  await drain(zero.serve());
  expect(await zero.books()).toEqual({ spent: 0n, pending: 0n });
});

test('a key that may not call the model is refused', async () => {
  const { serve } = await exchangeOf(good);
  const caller = { keyId: 'k', accountId: 'acct', allowedModels: ['other'] };
  await expect(drain(serve({ caller }))).rejects.toMatchObject({ code: 'forbidden' });
});

test('places are given back whichever way a request ends', async () => {
  const { serve } = await exchangeOf(async function* () {
    yield [start, open, say('x')];
    throw new FlashmuxError('upstream_failed', 'gone');
  });
  // Four places; a leak would make the fifth wait and fail.
  for (let round = 0; round < 6; round++) {
    await expect(drain(serve({ requestId: `req_${round}` }))).rejects.toMatchObject({ code: 'upstream_failed' });
  }
});
