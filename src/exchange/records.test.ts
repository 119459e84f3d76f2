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

const dollar = 1_000_000_000n;

test('a complete call leaves a record of who asked, who answered, when, and how it ended', async () => {
  const { serve, ledger } = await exchangeOf(failsWith('upstream_timeout'), good);
  await drain(serve({ request: { ...request, delivery: { kind: 'whole', said: false } } }));
  expect(await ledger.answerRecord('gen_1')).toMatchObject({
    requestId: 'req_1',
    accountId: 'acct',
    outcome: 'complete',
    charged: 20_000_000n,
    bill: { total: 20_000_000n },
    call: {
      answerId: 'gen_1',
      keyId: 'k',
      namedModel: 'm',
      answeringModel: 'm',
      provider: 'p1',
      attempts: [
        { provider: 'p0', model: 'theirs', durationMs: expect.any(Number), fault: 'upstream_timeout' },
        { provider: 'p1', model: 'theirs', durationMs: expect.any(Number) },
      ],
      streamed: false,
      createdAt: expect.any(Number),
      firstTokenMs: expect.any(Number),
      totalMs: expect.any(Number),
      finishReason: 'stop',
    },
  });
});

test('the record is durable with the bill: it is there when the caller sees the usage', async () => {
  const { serve, ledger } = await exchangeOf(good);
  for await (const batch of serve()) {
    const isBilled = batch.some((event) => event.kind === 'usage');
    expect((await ledger.requestRecord('req_1')) !== undefined).toBe(isBilled);
  }
});

test('when every host fails the record names all of them, and nothing was used', async () => {
  const { serve, ledger } = await exchangeOf(failsWith('upstream_failed'), failsWith('upstream_timeout'));
  await expect(drain(serve())).rejects.toMatchObject({ code: 'upstream_failed' });
  const record = await ledger.requestRecord('req_1');
  expect(record).toMatchObject({
    outcome: 'failed',
    charged: 0n,
    call: {
      provider: 'p1',
      fault: 'upstream_failed',
      attempts: [{ fault: 'upstream_failed' }, { fault: 'upstream_timeout' }],
    },
  });
  expect(record).not.toHaveProperty('bill');
  expect(record?.call).not.toHaveProperty('firstTokenMs');
});

test('an answer that breaks is recorded as failed, with what was said of it billed', async () => {
  const { serve, ledger } = await exchangeOf(async function* () {
    yield [start, open, say('12345')];
    throw new FlashmuxError('upstream_failed', 'gone');
  });
  await expect(drain(serve())).rejects.toMatchObject({ code: 'upstream_failed' });
  await expect
    .poll(() => ledger.requestRecord('req_1'))
    .toMatchObject({
      outcome: 'failed',
      bill: { total: 21_000_000n },
      call: { fault: 'upstream_failed', attempts: [{ provider: 'p0', fault: 'upstream_failed' }] },
    });
});

test.each([
  ['stops when it is told to', true],
  ['bills the whole answer anyway', false],
])('a call whose caller left is recorded as aborted, its attempt too, at a host that %s', async (_, cancellable) => {
  const script = async function* (signal: AbortSignal) {
    yield [start, open, say('Hi')];
    if (cancellable) await untilAborted(signal).catch(() => undefined);
    yield [...ending, used(10, 3)];
  };
  const { serve, ledger, books } = await exchangeOf({ script, cancellable });
  const leaving = new AbortController();
  const stream = serve({ signal: leaving.signal });
  await stream.next();
  leaving.abort();
  await expect(stream.next()).rejects.toMatchObject({ code: 'cancelled' });
  await books();
  const record = await ledger.requestRecord('req_1');
  expect(record).toMatchObject({ outcome: 'aborted', charged: 16_000_000n, call: { fault: 'cancelled' } });
  expect(record?.call?.attempts).toHaveLength(1);
  // The caller never saw the end that the host reached.
  expect(record?.call).not.toHaveProperty('finishReason');
});

test('the balance is told after the hold and after the settlement, as the ledger has it then', async () => {
  const { serve, ledger } = await exchangeOf(good);
  const told: (bigint | null)[] = [];
  const stream = serve({ onBalance: (available) => told.push(available) });
  await stream.next();
  expect(told).toEqual([(await ledger.balance('acct')).available]);
  expect(told[0]).toBeLessThan(dollar);
  await drain(stream);
  expect(told.slice(1)).toEqual([dollar - 20_000_000n]);
});

test('a call that is refused for its price is told the balance, and leaves no record: nothing was tried', async () => {
  const { serve, ledger } = await exchangeOf(good);
  const told: (bigint | null)[] = [];
  const dear = { ...request, limits: { answerTokens: 1_000 } };
  await expect(drain(serve({ request: dear, onBalance: (available) => told.push(available) }))).rejects.toMatchObject({
    code: 'insufficient_credits',
    shortage: { needed: expect.any(BigInt), balance: { available: dollar } },
  });
  expect(told).toEqual([dollar]);
  expect(await ledger.requestRecord('req_1')).toBeUndefined();
});

test('of a call without an answer the held credits are free again before the caller hears of it', async () => {
  const { serve, ledger } = await exchangeOf(failsWith('upstream_failed'));
  const release = ledger.void.bind(ledger);
  // As slow as a disk may be.
  vi.spyOn(ledger, 'void').mockImplementation(async (...how) => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    return release(...how);
  });
  const told: (bigint | null)[] = [];
  await expect(drain(serve({ onBalance: (available) => told.push(available) }))).rejects.toMatchObject({
    code: 'upstream_failed',
  });
  expect(await ledger.balance('acct')).toEqual({ available: dollar, spent: 0n, pending: 0n });
  expect(told.at(-1)).toBe(dollar);
});
