import { expect, test, vi } from 'vitest';
import { FlashmuxError } from '../model/fault.ts';
import { fold } from '../model/fold.ts';
import type { Call } from './call.ts';
import { longestKeptAnswer } from './kept-answer.ts';
import { drain, ending, exchangeOf, failsWith, good, open, say, start, used } from './serve.test-support.ts';
import type { Script } from './serve.test-support.ts';

const idempotency = { key: 'order-17', fingerprint: 'one body', expiresAt: 4_000_000_000_000 };
const first: Partial<Call> = { requestId: 'req_1', answerId: 'gen_1', idempotency };
const again: Partial<Call> = { requestId: 'req_2', answerId: 'gen_2', idempotency };
/** 10 tokens in and 5 out, as `good` uses them. */
const price = 20_000_000n;

/** A host that says the rest only when it is told to. */
function slow(): { readonly script: Script; readonly goOn: () => void } {
  const gate = Promise.withResolvers<void>();
  const script: Script = async function* () {
    yield [start, open, say('Hello')];
    await gate.promise;
    yield [say(' world'), ...ending, used(10, 5)];
  };
  return { script, goOn: gate.resolve };
}

test('the same key again gets the same answer, under the same id, at no further cost', async () => {
  const host = vi.fn<Script>(good);
  const { serve, books } = await exchangeOf(host);
  const answer = fold(await drain(serve(first)));
  const onReplay = vi.fn<() => void>();
  const repeated = await drain(serve({ ...again, onReplay }));
  expect(fold(repeated)).toEqual(answer);
  expect(repeated.at(-1)).toMatchObject({ kind: 'usage', bill: { total: price } });
  expect(answer).toMatchObject({ id: 'gen_1', bill: { total: price } });
  expect(onReplay).toHaveBeenCalledTimes(1);
  expect(host).toHaveBeenCalledTimes(1);
  expect(await books()).toEqual({ spent: price, pending: 0n });
});

test('of a thousand requests with one key at once, one is done and the others are told to come again', async () => {
  const host = slow();
  const { serve, books } = await exchangeOf(host.script);
  const running = serve(first);
  await running.next();
  const others = await Promise.allSettled(
    Array.from({ length: 1_000 }, (_, number) => drain(serve({ ...again, requestId: `req_${number + 2}` }))),
  );
  const codes = others.map((each) =>
    each.status === 'rejected' && FlashmuxError.is(each.reason) ? each.reason.code : 'answered',
  );
  // The exchange has few places, so that most are refused for that; none is answered, and none is done.
  expect(new Set(codes)).not.toContain('answered');
  expect(codes).toContain('still_running');
  host.goOn();
  await drain(running);
  expect(await books()).toEqual({ spent: price, pending: 0n });
});

test('a key that runs still is refused with a time to come again', async () => {
  const host = slow();
  const { serve } = await exchangeOf(host.script);
  const running = serve(first);
  await running.next();
  await expect(drain(serve(again))).rejects.toMatchObject({
    code: 'still_running',
    param: 'idempotency-key',
    retryAfterSeconds: 1,
  });
  host.goOn();
  await drain(running);
});

test('a key that stood for another request is refused, whatever became of that', async () => {
  const { serve, books } = await exchangeOf(good);
  await drain(serve(first));
  const other = { ...again, idempotency: { ...idempotency, fingerprint: 'another body' } };
  await expect(drain(serve(other))).rejects.toMatchObject({ code: 'idempotency_mismatch' });
  expect(await books()).toEqual({ spent: price, pending: 0n });
});

test('a request that failed before it cost anything may be sent again under its key', async () => {
  const host = vi.fn<Script>().mockImplementationOnce(failsWith('upstream_failed')).mockImplementation(good);
  const { serve, books } = await exchangeOf(host);
  await expect(drain(serve(first))).rejects.toMatchObject({ code: 'upstream_failed' });
  expect(fold(await drain(serve(again)))).toMatchObject({ id: 'gen_2', bill: { total: price } });
  expect(await books()).toEqual({ spent: price, pending: 0n });
});

test('a request that was refused for its price does not use its key up', async () => {
  const { serve, ledger } = await exchangeOf(good);
  await ledger.hold({ requestId: 'other', accountId: 'acct', amount: 1_000_000_000n, expiresAt: 4_000_000_000_000 });
  await expect(drain(serve(first))).rejects.toMatchObject({ code: 'insufficient_credits' });
  await ledger.topUp('acct', 1_000_000_000n, 'more');
  const smaller = { ...again, idempotency: { ...idempotency, fingerprint: 'a smaller body' } };
  expect(fold(await drain(serve(smaller)))).toMatchObject({ bill: { total: price } });
});

test('a request with a key is finished although its caller left, and kept for when it asks again', async () => {
  const host = slow();
  const { serve, books } = await exchangeOf(host.script);
  const caller = new AbortController();
  const stream = serve({ ...first, signal: caller.signal });
  await stream.next();
  caller.abort();
  await expect(stream.next()).rejects.toMatchObject({ code: 'cancelled' });
  host.goOn();
  expect(await books()).toEqual({ spent: price, pending: 0n });
  const answer = fold(await drain(serve(again)));
  expect(answer).toMatchObject({ id: 'gen_1', choices: [{ parts: [{ kind: 'text', text: 'Hello world' }], reason: 'stop' }] });
  expect(await books()).toEqual({ spent: price, pending: 0n });
});

test('a fault in the middle of an answer is told again, after the same words', async () => {
  const host = vi.fn<Script>(async function* () {
    yield [start, open, say('Hel')];
    throw new FlashmuxError('upstream_failed', 'The host hung up.');
  });
  const { serve, books } = await exchangeOf(host);
  await expect(drain(serve(first))).rejects.toMatchObject({ code: 'upstream_failed' });
  const { spent } = await books();
  expect(spent).toBeGreaterThan(0n);
  const stream = serve(again);
  const head = await stream.next();
  expect(fold(head.value ?? [])).toMatchObject({ choices: [{ parts: [{ kind: 'text', text: 'Hel' }] }] });
  await expect(stream.next()).rejects.toMatchObject({ code: 'upstream_failed', message: 'The host hung up.' });
  expect(host).toHaveBeenCalledTimes(1);
  expect(await books()).toEqual({ spent, pending: 0n });
});

test('an answer that is too long to be kept is charged once all the same, and its repetition says where to look', async () => {
  const { serve, books } = await exchangeOf(async function* () {
    yield [start, open, say('x'.repeat(longestKeptAnswer))];
    yield [...ending, used(10, 5)];
  });
  await drain(serve(first));
  await expect(drain(serve(again))).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('req_1') });
  expect(await books()).toEqual({ spent: price, pending: 0n });
});

test.each(['', 'x'.repeat(256), 'ü'])('a key that no header should hold is refused: %j', async (key) => {
  const { serve } = await exchangeOf(good);
  await expect(drain(serve({ ...first, idempotency: { ...idempotency, key } }))).rejects.toMatchObject({
    code: 'invalid_request',
    param: 'idempotency-key',
  });
});

test('a whole answer whose settlement came late is kept whole, though its first caller was told a fault', async () => {
  const { serve, ledger, books } = await exchangeOf(good);
  vi.spyOn(ledger, 'settle').mockRejectedValueOnce(new Error('the disk is away'));
  await expect(drain(serve(first))).rejects.toThrow('the disk is away');
  await expect.poll(books).toEqual({ spent: price, pending: 0n });
  const answer = fold(await drain(serve(again)));
  expect(answer).toMatchObject({ id: 'gen_1', bill: { total: price }, choices: [{ reason: 'stop' }] });
  expect(await ledger.requestRecord('req_1')).toMatchObject({ outcome: 'complete', charged: price });
});
