import { describe, expect, test } from 'vitest';
import type { EndpointView } from '../../catalogue/endpoint-view.ts';
import { faults, type FaultCode } from '../../model/fault.ts';
import { benchOf, hostsOf, type Bench } from '../routing.test-support.ts';
import { defaultRoutingSettings } from '../settings.ts';
import { relativeError } from './log-sketch.ts';
import { leastCalls } from './uptime.ts';

const { failuresInRow } = defaultRoutingSettings.circuit;

function one() {
  const bench = benchOf(hostsOf({ a: {} }));
  const view = (): EndpointView => {
    const [only] = bench.routing.endpoints('m');
    if (only === undefined) throw new Error('there is one endpoint');
    return only;
  };
  const begin = (): ReturnType<Bench['routing']['watch']['begins']> => bench.routing.watch.begins(bench.attempt('a'));
  return { ...bench, view, begin };
}

test('a host that was never asked has no figures', () => {
  expect(one().view()).toMatchObject({ figures: { uptime: {} }, circuit: { state: 'closed' } });
  expect(Object.keys(one().view().figures)).toEqual(['uptime']);
});

test('latency is the time to the first token, throughput what came after it by the time that took', () => {
  const { clock, begin, view } = one();
  const watch = begin();
  clock.pass(400);
  watch.firstToken();
  clock.pass(100);
  watch.firstToken();
  clock.pass(1_900);
  watch.ended({ kind: 'complete', outputTokens: 11 });
  const { latencyMs, throughput } = view().figures;
  expect(Math.abs((latencyMs?.p50 ?? 0) / 400 - 1)).toBeLessThanOrEqual(relativeError);
  expect(Math.abs((throughput?.p99 ?? 0) / 5 - 1)).toBeLessThanOrEqual(relativeError);
});

test('an answer in one piece, or of a few words, says nothing about throughput', () => {
  const { clock, begin, view } = one();
  const whole = begin();
  clock.pass(900);
  whole.firstToken();
  whole.ended({ kind: 'complete', outputTokens: 500 });
  const short = begin();
  short.firstToken();
  clock.pass(1_000);
  short.ended({ kind: 'complete', outputTokens: 3 });
  expect(view().figures.throughput).toBeUndefined();
  expect(view().figures.latencyMs).toBeDefined();
});

test('uptime is told once there were enough calls, and forgets what is too long ago', () => {
  const { clock, begin, view, fails } = one();
  for (let call = 1; call < leastCalls; call++) begin().ended({ kind: 'complete' });
  expect(view().figures.uptime).toEqual({});
  fails('a');
  const share = (leastCalls - 1) / leastCalls;
  expect(view().figures.uptime).toEqual({ last5Minutes: share, last30Minutes: share, lastDay: share });
  clock.pass(6 * 60_000);
  expect(view().figures.uptime).toEqual({ last30Minutes: share, lastDay: share });
  clock.pass(24 * 3_600_000);
  expect(view().figures.uptime).toEqual({});
});

describe('what a fault says of its host', () => {
  const failures: readonly FaultCode[] = [
    'upstream_failed',
    'upstream_refused',
    'upstream_timeout',
    'engine_crashed',
    'model_not_ready',
    'overloaded',
  ];

  test.each(Object.keys(faults).filter(isCode))('%s', (code) => {
    const { begin, view } = one();
    for (let call = 0; call < leastCalls; call++) begin().ended({ kind: 'fault', code });
    const isFailure = failures.includes(code);
    expect(view().figures.uptime.last5Minutes).toBe(isFailure ? 0 : undefined);
    expect(view().circuit.state).toBe(isFailure ? 'open' : code === 'rate_limited' ? 'resting' : 'closed');
  });

  function isCode(code: string): code is FaultCode {
    return code in faults;
  }
});

test('an overloaded host that says when to come back is asked then, and not before', () => {
  const { begin, view, clock } = one();
  begin().ended({ kind: 'fault', code: 'overloaded', retryAfterSeconds: 20 });
  expect(view().circuit).toEqual({ state: 'resting', askedAgainInSeconds: 20 });
  clock.pass(20_000);
  expect(view().circuit).toEqual({ state: 'closed' });
});

test("limits and refusals of a caller's own key are no other caller's, its failures are", () => {
  const { begin, view } = one();
  const withOwnKey = true;
  for (let call = 0; call < failuresInRow; call++) {
    begin().ended({ kind: 'fault', code: 'rate_limited', retryAfterSeconds: 60, withOwnKey });
    begin().ended({ kind: 'fault', code: 'upstream_refused', withOwnKey });
  }
  expect(view().circuit.state).toBe('closed');
  for (let call = 0; call < failuresInRow; call++) begin().ended({ kind: 'fault', code: 'upstream_failed', withOwnKey });
  expect(view().circuit.state).toBe('open');
});

test('a caller that leaves says nothing of the host, but that it was at least that slow', () => {
  const bench = benchOf(hostsOf({ a: {}, b: {} }));
  bench.answers('a', 100);
  bench.answers('b', 200);
  const sorted = (): readonly string[] =>
    bench.providers({ ...bench.attempt('a').request, routing: { saidAt: 'p', sort: 'latency' } });
  expect(sorted()).toEqual(['a', 'b']);
  const before = bench.routing.endpoints('m')[0]?.figures;
  for (let call = 0; call < 4; call++) {
    const soon = bench.routing.watch.begins(bench.attempt('b'));
    bench.clock.pass(10);
    soon.ended({ kind: 'left' });
  }
  expect(sorted()).toEqual(['a', 'b']);
  for (let call = 0; call < 4; call++) {
    const late = bench.routing.watch.begins(bench.attempt('a'));
    bench.clock.pass(5_000);
    late.ended({ kind: 'left' });
  }
  expect(sorted()).toEqual(['b', 'a']);
  expect(bench.routing.endpoints('m')[0]).toMatchObject({ figures: before, circuit: { state: 'closed' } });
});

test('an attempt ends once, and what is said of it afterwards changes nothing', () => {
  const { begin, view } = one();
  const watch = begin();
  watch.ended({ kind: 'complete' });
  watch.firstToken();
  for (let call = 0; call < failuresInRow; call++) watch.ended({ kind: 'fault', code: 'upstream_failed' });
  expect(view()).toMatchObject({ circuit: { state: 'closed' } });
  expect(view().figures.latencyMs).toBeUndefined();
});
