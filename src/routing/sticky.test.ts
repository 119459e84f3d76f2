import { expect, test } from 'vitest';
import type { GenerateRequest } from '../model/request.ts';
import type { Turn } from '../model/turn.ts';
import { StickyHosts } from './choose/sticky-hosts.ts';
import { handClock } from './live/live.test-support.ts';
import { benchOf, hello, hostsOf, wishing, type Bench } from './routing.test-support.ts';
import { defaultRoutingSettings } from './settings.ts';

const { lifetimeMs } = defaultRoutingSettings.sticky;
const rules = 'Be kind. '.repeat(200);
const user = (text: string): Turn => ({ role: 'user', parts: [{ kind: 'text', text }] });
const system = (isMarked: boolean): Turn => ({
  role: 'system',
  parts: [{ kind: 'text', text: rules, ...(isMarked ? { cacheMark: {} } : {}) }],
});
const conversation = (isMarked: boolean, ...said: readonly string[]): GenerateRequest => ({
  ...hello,
  turns: [system(isMarked), ...said.map((text) => user(text))],
});

const account = { accountId: 'acct' };

/** Two hosts as good as each other; `b` answers, and says how much of the input it had in its cache. */
function afterAnswerOfB(request: GenerateRequest, cachedTokens = 0): Bench {
  const bench = benchOf(hostsOf({ a: {}, b: {} }));
  const attempt = bench.plan(request, account).find(({ provider }) => provider === 'b');
  if (attempt === undefined) throw new Error('b is not planned');
  bench.routing.watch.begins(attempt).ended({ kind: 'complete', cachedTokens });
  return bench;
}

test('a conversation with a marked beginning goes on at the host that keeps it', () => {
  const bench = afterAnswerOfB(conversation(true, 'Hello'));
  expect(bench.providers(conversation(true, 'Hello', 'And then?'), account)).toEqual(['b', 'a']);
});

test('another conversation with the same marked beginning goes there too, one that is not marked does not', () => {
  expect(afterAnswerOfB(conversation(true, 'Hello')).providers(conversation(true, 'Good day'), account)).toEqual(['b', 'a']);
  expect(afterAnswerOfB(conversation(false, 'Hello'), 400).providers(conversation(false, 'Good day'), account)).toEqual([
    'a',
    'b',
  ]);
});

test('without marks a conversation goes on where its beginning was read from the cache', () => {
  expect(afterAnswerOfB(conversation(false, 'Hello'), 400).providers(conversation(false, 'Hello', 'So?'), account)[0]).toBe('b');
  expect(afterAnswerOfB(conversation(false, 'Hello'), 0).providers(conversation(false, 'Hello', 'So?'), account)[0]).toBe('a');
});

test('a mark that moves along with the conversation does not change where it goes', () => {
  const bench = afterAnswerOfB(conversation(true, 'Hello'));
  const moved = conversation(false, 'Hello');
  const last: Turn = { role: 'user', parts: [{ kind: 'text', text: 'So?', cacheMark: {} }] };
  expect(bench.providers({ ...moved, turns: [...moved.turns, last] }, account)[0]).toBe('b');
});

test('what one account said tells another nothing', () => {
  const bench = afterAnswerOfB(conversation(true, 'Hello'));
  expect(bench.providers(conversation(true, 'Hello'), { accountId: 'somebody' })[0]).toBe('a');
});

test('the host is remembered as long as its cache: five minutes after the last use, or as long as the mark says', () => {
  const request = conversation(true, 'Hello');
  const bench = afterAnswerOfB(request);
  bench.clock.pass(lifetimeMs - 1);
  const [attempt] = bench.plan(request, account);
  if (attempt !== undefined) bench.routing.watch.begins(attempt).ended({ kind: 'complete' });
  bench.clock.pass(lifetimeMs - 1);
  expect(bench.providers(request, account)[0]).toBe('b');
  bench.clock.pass(1);
  expect(bench.providers(request, account)[0]).toBe('a');
  const marked: Turn = { role: 'system', parts: [{ kind: 'text', text: rules, cacheMark: { lifetimeSeconds: 3_600 } }] };
  const long = { ...hello, turns: [marked, user('Hello')] };
  const longer = afterAnswerOfB(long);
  longer.clock.pass(3_599_000);
  expect(longer.providers(long, account)[0]).toBe('b');
});

test('a host that fails, or that the caller does not want, holds no conversation', () => {
  const request = conversation(true, 'Hello');
  const failing = afterAnswerOfB(request);
  failing.fails('b', defaultRoutingSettings.circuit.failuresInRow);
  expect(failing.providers(request, account)[0]).toBe('a');
  expect(afterAnswerOfB(request).providers(wishing({ order: ['a'] }, request), account)[0]).toBe('a');
  expect(afterAnswerOfB(request).providers(wishing({ ignore: ['b'] }, request), account)).toEqual(['a']);
});

test('a conversation that another host had to go on with stays there', () => {
  const request = conversation(true, 'Hello');
  const bench = afterAnswerOfB(request);
  bench.fails('b', defaultRoutingSettings.circuit.failuresInRow);
  const [attempt] = bench.plan(request, account);
  if (attempt !== undefined) bench.routing.watch.begins(attempt).ended({ kind: 'complete' });
  bench.clock.pass(60_000);
  expect(bench.providers(request, account)[0]).toBe('a');
});

test('a short request is in no cache', () => {
  const short: GenerateRequest = { ...hello, turns: [{ role: 'user', parts: [{ kind: 'text', text: 'Hello', cacheMark: {} }] }] };
  expect(afterAnswerOfB(short).providers(short, account)[0]).toBe('a');
});

test('no more conversations are remembered than is said, the latest ones', () => {
  const sticky = new StickyHosts({ lifetimeMs: 1_000, mostKept: 3 }, handClock().ticks);
  for (const beginning of ['1', '2', '3']) sticky.keep([beginning], 'host');
  sticky.keep(['1'], 'host');
  sticky.keep(['4'], 'host');
  expect(['1', '2', '3', '4'].map((beginning) => sticky.hostOf([beginning]))).toEqual(['host', undefined, 'host', 'host']);
  expect(sticky.size).toBe(3);
});
