import { expect, test, vi } from 'vitest';
import { FlashmuxError } from '../model/fault.ts';
import {
  drain,
  ending,
  exchangeOf,
  failsWith,
  good,
  open,
  request,
  say,
  start,
  untilAborted,
  used,
} from './serve.test-support.ts';
import type { Script } from './serve.test-support.ts';

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
  expect(events[0]).toMatchObject({
    provider: 'p1',
    attempts: [
      { provider: 'p0', model: 'theirs', fault: 'upstream_failed' },
      { provider: 'p1', model: 'theirs' },
    ],
  });
  expect(await books()).toEqual({ spent: 20_000_000n, pending: 0n });
});

test('words that waited until they were whole say nothing of the pace of their host', async () => {
  const [held, told] = [await exchangeOf({ script: good, cancellable: true, holds: true }), await exchangeOf(good)];
  for (const number of [1, 2, 3, 4, 5, 6]) {
    await drain(held.serve({ requestId: `req_${number}` }));
    await drain(told.serve({ requestId: `req_${number}` }));
  }
  expect([held.isTimed(), told.isTimed()]).toEqual([false, true]);
});

test('an answer at the first try says nothing of tries', async () => {
  const { serve } = await exchangeOf(good);
  expect((await drain(serve()))[0]).not.toHaveProperty('attempts');
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

test('a whole answer that breaks off was seen by nobody, and costs nothing', async () => {
  const { serve, books } = await exchangeOf(async function* () {
    yield [start, open, say('Half an answ'), used(10, 50)];
    throw new FlashmuxError('upstream_failed', 'gone');
  });
  const whole = { ...request, delivery: { kind: 'whole', said: false } as const };
  await expect(drain(serve({ request: whole }))).rejects.toMatchObject({ code: 'upstream_failed' });
  expect(await books()).toEqual({ spent: 0n, pending: 0n });
});

test('of an answer that is wanted whole nobody has seen a word, so another host is tried, and only that one is charged', async () => {
  const { serve, books } = await exchangeOf(async function* () {
    yield [start, open, say('Half an answ'), used(10, 50)];
    throw new FlashmuxError('upstream_failed', 'gone');
  }, good);
  const events = await drain(serve({ request: { ...request, delivery: { kind: 'whole', said: false } } }));
  expect(events.filter(({ kind }) => kind === 'part-start')).toHaveLength(1);
  expect(events).toContainEqual(say('Hi'));
  expect(await books()).toEqual({ spent: 20_000_000n, pending: 0n });
});

test('a fault that the caller must mend is not tried elsewhere', async () => {
  const second = vi.fn<Script>(good);
  const { serve, books } = await exchangeOf(failsWith('invalid_request'), second);
  await expect(drain(serve())).rejects.toMatchObject({ code: 'invalid_request' });
  expect(second).not.toHaveBeenCalled();
  expect(await books()).toEqual({ spent: 0n, pending: 0n });
});

test('when every host fails the caller is told of each, and nothing is charged', async () => {
  const { serve, books } = await exchangeOf(failsWith('upstream_timeout'), failsWith('upstream_refused'));
  await expect(drain(serve())).rejects.toMatchObject({
    code: 'upstream_failed',
    message: 'None of the 2 hosts answered. p0: upstream_timeout (no); p1: upstream_refused (no)',
  });
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

test.each([
  ['an alias', 'maker/m', undefined],
  ['its model, for a variant', 'm', 'm:cn'],
  ['an alias of its variant', 'maker/m:cn', 'm:cn'],
])('a key may call the model that its list names by %s', async (_, allowed, variant) => {
  const { serve } = await exchangeOf(good);
  const caller = { keyId: 'k', accountId: 'acct', allowedModels: ['gone', allowed] };
  await drain(serve({ caller, request: { ...request, model: variant ?? 'm' } }));
});

test.each([['m'], ['m:us']])('a key whose list names one variant may not call %s', async (model) => {
  const { serve } = await exchangeOf(good);
  const caller = { keyId: 'k', accountId: 'acct', allowedModels: ['m:cn'] };
  await expect(drain(serve({ caller, request: { ...request, model } }))).rejects.toMatchObject({
    code: 'forbidden',
    param: 'model',
    message: expect.stringMatching(new RegExp(`"${model}".*m:cn`)),
  });
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
