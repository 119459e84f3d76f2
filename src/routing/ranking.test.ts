import { describe, expect, test } from 'vitest';
import { benchOf, hello, hostsOf, pricesOf, testCatalogue, wishing, type Bench } from './routing.test-support.ts';
import { defaultRoutingSettings } from './settings.ts';

const three = { a: {}, b: {}, c: {} };
const { circuit, exploration } = defaultRoutingSettings;

/** Answered once each, with 300, 100 and 200 ms to the first token, and 50, 20 and 80 tokens a second. */
function measured(bench = benchOf(hostsOf(three))): Bench {
  bench.answers('a', 300, 50);
  bench.answers('b', 100, 20);
  bench.answers('c', 200, 80);
  return bench;
}

describe('without a wish', () => {
  test('nothing measured: the order of the configuration', () => {
    const bench = benchOf(hostsOf({ b: { priceList: pricesOf('9', '9') }, a: {} }));
    bench.lots.push(0.999, 0.999);
    expect(bench.providers(hello)).toEqual(['b', 'a']);
  });

  test('one host is asked whatever became of it', () => {
    const bench = benchOf(hostsOf({ a: {} }));
    bench.fails('a', 5);
    expect(bench.providers(hello)).toEqual(['a']);
  });

  test('a host at half the price is drawn four times as often, the rest follow by their chances', () => {
    const bench = benchOf(hostsOf({ dear: { priceList: pricesOf('2', '2') }, cheap: { priceList: pricesOf('1', '1') } }));
    for (const name of ['dear', 'cheap']) bench.answers(name, 100);
    expect(drawn(bench, 1_000)).toEqual({ dear: 200, cheap: 800 });
  });

  test('a host that takes twice as long is drawn a quarter as often', () => {
    const bench = benchOf(hostsOf({ slow: {}, fast: {} }));
    bench.answers('slow', 200);
    bench.answers('fast', 100);
    expect(drawn(bench, 1_000)).toEqual({ slow: 200, fast: 800 });
  });

  test('weights of the operator count, and a weight of 0 leaves a host for the end', () => {
    const bench = benchOf(hostsOf({ none: { weight: 0 }, much: { weight: 3 }, little: { weight: 1 } }));
    for (const name of ['none', 'much', 'little']) bench.answers(name, 100);
    expect(drawn(bench, 1_000)).toEqual({ much: 750, little: 250 });
    expect(bench.providers(hello).at(-1)).toBe('none');
  });

  test('a free host takes all, and the others stay behind it', () => {
    const bench = benchOf(hostsOf({ paid: { priceList: pricesOf('1', '1') }, free: { priceList: pricesOf('0', '0') } }));
    for (const name of ['paid', 'free']) bench.answers(name, 100);
    expect(drawn(bench, 100)).toEqual({ free: 100 });
  });

  /** How often each host comes first when the lots are spread evenly and nothing is explored. */
  function drawn(bench: Bench, times: number): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (let time = 0; time < times; time++) {
      bench.lots.push((time + 0.5) / times, 0);
      const [first = ''] = bench.providers(hello);
      counts[first] = (counts[first] ?? 0) + 1;
    }
    return counts;
  }
});

describe('sort', () => {
  test('latency: the fastest first token first', () => {
    expect(measured().providers(wishing({ sort: 'latency' }))).toEqual(['b', 'c', 'a']);
  });

  test('throughput: the most tokens a second first', () => {
    expect(measured().providers(wishing({ sort: 'throughput' }))).toEqual(['c', 'a', 'b']);
  });

  test('price: input counts three times as much as output, equal prices stay in the order of the configuration', () => {
    const hosts = hostsOf({
      a: { priceList: pricesOf('1', '1') },
      b: { priceList: pricesOf('0.5', '2.49') },
      c: { priceList: pricesOf('1', '1') },
      d: { priceList: pricesOf('0.5', '2.51') },
    });
    expect(benchOf(hosts).providers(wishing({ sort: 'price' }))).toEqual(['b', 'a', 'c', 'd']);
  });

  test('a host that was never asked is asked first, one that never answered last', () => {
    const bench = benchOf(hostsOf(three));
    bench.answers('a', 300);
    bench.fails('b');
    expect(bench.providers(wishing({ sort: 'latency' }))).toEqual(['c', 'a', 'b']);
  });

  test('the strategy of the operator is the same as the wish, for one model or for all', () => {
    const bench = measured(benchOf(hostsOf(three), { strategy: 'price', strategies: { m: 'latency' } }));
    expect(bench.providers(hello)).toEqual(['b', 'c', 'a']);
    expect(measured(benchOf(hostsOf(three), { strategy: 'configured' })).providers(hello)).toEqual(['a', 'b', 'c']);
  });
});

describe('order', () => {
  test('named hosts come first in their order, whatever the sort says of the others', () => {
    expect(measured().providers(wishing({ order: ['a', 'c'], sort: 'latency' }))).toEqual(['a', 'c', 'b']);
  });

  test('allow_fallbacks: false leaves the first choice, which is a named one where any was named', () => {
    const bench = measured();
    expect(bench.providers(wishing({ allowFallbacks: false, sort: 'latency' }))).toEqual(['b']);
    bench.fails('a', circuit.failuresInRow);
    expect(bench.providers(wishing({ allowFallbacks: false, order: ['a'] }))).toEqual(['a']);
    expect(bench.providers(wishing({ allowFallbacks: false, order: ['a', 'c'] }))).toEqual(['c']);
  });

  test('a weight of 0 says nothing against being named', () => {
    expect(benchOf(hostsOf({ a: {}, b: { weight: 0 } })).providers(wishing({ order: ['b'] }))).toEqual(['b', 'a']);
  });

  test('slower than preferred moves down the list, and no further', () => {
    const bench = measured();
    const slow = { preferredMaxLatency: { p50: 0.15 }, sort: 'throughput' } as const;
    expect(bench.providers(wishing(slow))).toEqual(['b', 'c', 'a']);
    expect(bench.providers(wishing({ preferredMinThroughput: { p90: 70 }, sort: 'latency' }))).toEqual(['c', 'b', 'a']);
    expect(bench.providers(wishing({ ...slow, order: ['a'] }))).toEqual(['a', 'b', 'c']);
  });
});

describe('a host that fails', () => {
  test('is passed over while another is left, and tried last when none is', () => {
    const bench = measured();
    bench.fails('b', circuit.failuresInRow);
    expect(bench.providers(wishing({ sort: 'latency' }))).toEqual(['c', 'a', 'b']);
    expect(bench.providers(wishing({ sort: 'latency', order: ['b'] }))).toEqual(['c', 'a', 'b']);
    expect(bench.providers(wishing({ only: ['b'] }))).toEqual(['b']);
  });

  test('is found out about by one request, which does not wait for it as long as usual', () => {
    const bench = measured();
    bench.fails('b', circuit.failuresInRow);
    bench.clock.pass(circuit.firstOpenMs);
    const [probe] = bench.plan(wishing({ sort: 'latency' }));
    expect(probe).toMatchObject({ provider: 'b', firstEventMs: defaultRoutingSettings.probeFirstEventMs });
    expect(bench.providers(wishing({ sort: 'latency' }))).toEqual(['c', 'a', 'b']);
  });

  test('that was asked too often rests as long as it says, and its uptime stays what it was', () => {
    const bench = measured();
    const before = bench.routing.endpoints('m')[1]?.figures;
    bench.routing.watch.begins(bench.attempt('b')).ended({ kind: 'fault', code: 'rate_limited', retryAfterSeconds: 40 });
    expect(bench.providers(wishing({ sort: 'latency' }))).toEqual(['c', 'a', 'b']);
    expect(bench.routing.endpoints('m')[1]).toMatchObject({
      figures: before,
      circuit: { state: 'resting', askedAgainInSeconds: 40 },
    });
    bench.clock.pass(40_000);
    expect(bench.providers(wishing({ sort: 'latency' }))).toEqual(['b', 'c', 'a']);
  });
});

describe('exploration', () => {
  const lucky = 1 - exploration.share;

  test('now and then the host that was heard of the longest ago comes first', () => {
    const bench = measured();
    bench.clock.pass(exploration.staleAfterMs * 2);
    bench.lots.push(lucky);
    expect(bench.providers(wishing({ sort: 'latency' }))).toEqual(['a', 'b', 'c']);
    bench.lots.push(lucky - 0.001);
    expect(bench.providers(wishing({ sort: 'latency' }))).toEqual(['b', 'c', 'a']);
  });

  test('nobody is explored who was heard of lately, is left alone, costs much, or is slower than preferred', () => {
    const request = wishing({ sort: 'latency' });
    const fresh = measured();
    fresh.lots.push(lucky);
    expect(fresh.providers(request)[0]).toBe('b');
    const failing = benchOf(hostsOf({ a: {}, b: {} }));
    failing.answers('b', 100);
    failing.fails('a', circuit.failuresInRow);
    failing.clock.pass(circuit.firstOpenMs - 1);
    failing.lots.push(lucky);
    expect(failing.providers(request)[0]).toBe('b');
    const dear = benchOf(hostsOf({ cheap: { priceList: pricesOf('1', '1') }, dear: { priceList: pricesOf('2.01', '2') } }));
    dear.answers('cheap', 100);
    dear.answers('dear', 1_000);
    dear.clock.pass(exploration.staleAfterMs * 2);
    dear.lots.push(0, lucky);
    expect(dear.providers(hello)[0]).toBe('cheap');
    const slow = measured();
    slow.clock.pass(exploration.staleAfterMs * 2);
    slow.lots.push(lucky);
    expect(slow.providers(wishing({ sort: 'latency', preferredMaxLatency: { p50: 0.15 } }))[0]).toBe('b');
  });

  test('who sorts by price, names an order, or wants no fallback is no explorer', () => {
    for (const wish of [
      { sort: 'price' },
      { order: ['b'], sort: 'latency' },
      { allowFallbacks: false, sort: 'latency' },
    ] as const) {
      const bench = measured();
      bench.clock.pass(exploration.staleAfterMs * 2);
      const before = bench.providers(wishing(wish));
      bench.lots.push(lucky, lucky);
      expect(bench.providers(wishing(wish))).toEqual(before);
    }
  });
});

test('a provider is waited for as long as the caller says', () => {
  const bench = benchOf(hostsOf(three));
  const planned = bench.plan(wishing({ providerTimeoutsMs: { B: 1_500 } }));
  expect(planned.map(({ firstEventMs }) => firstEventMs)).toEqual([60_000, 1_500, undefined]);
});

test('a silent host is waited for less long while another could be asked, longer where the input is long, and to the end as the last', () => {
  const waits = (text: string): readonly (number | undefined)[] => {
    const asked = { ...wishing({}), turns: [{ role: 'user' as const, parts: [{ kind: 'text' as const, text }] }] };
    return benchOf(hostsOf(three))
      .plan(asked)
      .map(({ firstEventMs }) => firstEventMs);
  };
  const { silentAfterMs } = defaultRoutingSettings;
  expect(waits('Hello')).toEqual([silentAfterMs, silentAfterMs, undefined]);
  expect(waits('a'.repeat(4_000))).toEqual([silentAfterMs + 100, silentAfterMs + 100, undefined]);
});

test('a host with lower limits gets what it can take, and what it asks is what the caller pays', () => {
  const priceList = pricesOf('3', '4');
  const bench = benchOf(hostsOf({ small: { limits: { output: 100, thinking: 50 }, priceList } }));
  const [attempt] = bench.plan({ ...hello, thinking: { kind: 'on', budgetTokens: 60 } });
  expect(attempt).toMatchObject({
    hostId: 'small/theirs',
    limits: { context: 100_000, output: 100, thinking: 50 },
    request: { thinking: { budgetTokens: 50 } },
    notices: [{ code: 'clamped', path: 'thinking_budget' }],
  });
  expect(attempt?.priceList.tiers).toEqual(priceList.tiers);
});

test('a length that was filled in for the caller is lowered to what the host gives, without a word', () => {
  const request = { ...hello, model: 'qwen3-5-flash' };
  const { request: filled, model } = testCatalogue.resolve(request);
  expect(filled.limits.answerTokens).toBeGreaterThan(100);
  const [attempt] = benchOf(hostsOf({ [`small=${model.id}`]: { limits: { output: 100 } } })).plan(request);
  expect(attempt).toMatchObject({ request: { limits: { answerTokens: 100 } }, notices: [] });
});

test('figures of one provider in two regions are kept apart', () => {
  const hosts = ['eu', 'us'].map((region) => ({ provider: 'a', model: 'm', upstreamModel: 'x', traits: { region } }));
  const { routing } = benchOf(hosts);
  expect(routing.plan(testCatalogue.resolve(hello), hello).map(({ hostId }) => hostId)).toEqual(['a/x@eu', 'a/x@us']);
});
