import type { Catalogue, Order } from '../../src/catalogue/catalogue.ts';
import { operatorModel } from '../../src/catalogue/operator-model.ts';
import type { GenerateRequest } from '../../src/model/request.ts';
import type { RoutingSort } from '../../src/model/routing-preferences.ts';
import type { PlannedAttempt } from '../../src/routing/plan.ts';
import { createRouting } from '../../src/routing/routing.ts';
import type { RoutingSettings } from '../../src/routing/settings.ts';
import { Chance } from '../simulation/chance.ts';
import { EventQueue } from './event-queue.ts';
import { dayMs, HostWeather } from './host-weather.ts';

export interface MonthOptions {
  readonly seed: number;
  readonly days: number;
  /** Mean milliseconds between two requests. */
  readonly everyMs: number;
  /** Absent: the caller wishes nothing. */
  readonly sort?: RoutingSort;
  readonly settings?: Partial<RoutingSettings>;
}

/** What a month was like for the callers. */
export interface Month {
  readonly requests: number;
  /** Came while no host was healthy; they are in none of the other figures. */
  readonly hopeless: number;
  readonly failed: number;
  /** Answered by another host than the first, which its caller does not notice. */
  readonly rescued: number;
  /** Milliseconds from the request to the first token, failed attempts included. */
  readonly meanLatencyMs: number;
  /** The same, always at the fastest healthy host of that very moment. */
  readonly bestMomentMs: number;
  /** The same, always at the host that was the best one over all, and at the fastest healthy one while that was not. */
  readonly bestHostMs: number;
  /** What a request cost beside the cheapest host, 1 for as much. */
  readonly meanPrice: number;
  readonly outages: number;
}

/** Of one million tokens of input; output costs four times as much. The dearest costs twice the cheapest. */
const prices = ['0.10', '0.12', '0.10', '0.20', '0.15'] as const;
const firstEventMs = 30_000;

const model = operatorModel({ id: 'm', context: 100_000, output: 10_000 });
const request: GenerateRequest = {
  model: 'm',
  turns: [{ role: 'user', parts: [{ kind: 'text', text: 'Hello' }] }],
  tools: [],
  sampling: {},
  limits: {},
  thinking: { kind: 'off' },
  form: { kind: 'unsaid' },
  delivery: { kind: 'stream' },
};
const catalogue: Catalogue = {
  find: () => ({ model }),
  list: () => [model],
  priceList: ({ priceList, hostPriceList }) => hostPriceList ?? priceList,
  resolve: (wanted): Order => ({ request: wanted, model, limits: model.limits, priceList: model.priceList, notices: [] }),
};

/** Five hosts, whose speed drifts and who fail now and then, behind the routing that the server has. The same seed is the same month. */
export function simulateMonth({ seed, days, everyMs, sort, settings = {} }: MonthOptions): Month {
  const chance = new Chance(seed);
  const events = new EventQueue();
  const weathers = prices.map(() => new HostWeather(chance, days));
  const hosts = prices.map((price, index) => ({
    provider: `host${index}`,
    model: 'm',
    upstreamModel: 'm',
    traits: { priceList: listOf(price) },
  }));
  const lots = chance.split();
  const routing = createRouting({
    catalogue,
    hosts,
    local: () => undefined,
    ticks: () => events.now,
    chance: () => lots.under(2 ** 32) / 2 ** 32,
    settings,
  });
  const asked: GenerateRequest = sort === undefined ? request : { ...request, routing: { saidAt: 'provider', sort } };
  const order = catalogue.resolve(asked);
  const seen = { requests: 0, hopeless: 0, failed: 0, rescued: 0, waitedMs: 0, answered: 0, bestMs: 0, price: 0 };
  const byHost = weathers.map(() => 0);
  const arrivals = chance.split();
  const tokens = chance.split();

  const arrive = (): void => {
    const at = events.now;
    if (at >= days * dayMs) return;
    events.after(-Math.log((arrivals.under(1e9) + 1) / 1e9) * everyMs, arrive);
    seen.requests += 1;
    const latencies = weathers.map((weather) => (weather.isHealthy(at) ? weather.latencyMs(at) : Infinity));
    const best = Math.min(...latencies);
    const isHopeless = best === Infinity;
    if (isHopeless) seen.hopeless += 1;
    else {
      seen.bestMs += best;
      for (const [index, latency] of latencies.entries())
        byHost[index] = (byHost[index] ?? 0) + (latency === Infinity ? best : latency);
    }
    run(routing.plan(order, asked), 0, { at, isHopeless });
  };

  function run(
    planned: readonly PlannedAttempt[],
    tried: number,
    call: { readonly at: number; readonly isHopeless: boolean },
  ): void {
    const attempt = planned[tried];
    if (attempt === undefined) return count(call, 'failed');
    const index = hosts.findIndex(({ provider }) => provider === attempt.provider);
    const weather = weathers[index];
    if (weather === undefined) throw new Error(`nobody is called ${attempt.provider}`);
    const watch = routing.watch.begins(attempt);
    const { kind, afterMs, retryAfterSeconds } = weather.call(events.now);
    const patienceMs = attempt.firstEventMs ?? firstEventMs;
    const next = (): void => run(planned, tried + 1, call);
    if (afterMs > patienceMs) {
      events.after(patienceMs, () => {
        watch.ended({ kind: 'fault', code: 'upstream_timeout' });
        next();
      });
      return;
    }
    events.after(afterMs, () => {
      if (kind === 'fails' || kind === 'limited') {
        const code = kind === 'fails' ? 'upstream_failed' : 'rate_limited';
        watch.ended({ kind: 'fault', code, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) });
        return next();
      }
      watch.firstToken();
      const outputTokens = tokens.between(50, 400);
      const writingMs = (outputTokens / weather.throughput) * 1_000;
      events.after(kind === 'cut' ? writingMs / 2 : writingMs, () => {
        if (kind === 'cut') watch.ended({ kind: 'fault', code: 'upstream_failed' });
        else watch.ended({ kind: 'complete', outputTokens });
      });
      if (kind === 'cut') return count(call, 'failed');
      count(call, tried > 0 ? 'rescued' : 'answered', Number(prices[index]) / Number(prices[0]));
    });
  }

  function count(
    call: { readonly at: number; readonly isHopeless: boolean },
    end: 'failed' | 'rescued' | 'answered',
    price = 0,
  ): void {
    if (call.isHopeless) return;
    seen.waitedMs += events.now - call.at;
    if (end === 'failed') seen.failed += 1;
    else seen.answered += 1;
    if (end === 'rescued') seen.rescued += 1;
    seen.price += price;
  }

  events.after(0, arrive);
  events.run();
  const hopeful = seen.requests - seen.hopeless;
  return {
    requests: seen.requests,
    hopeless: seen.hopeless,
    failed: seen.failed,
    rescued: seen.rescued,
    meanLatencyMs: seen.waitedMs / hopeful,
    bestMomentMs: seen.bestMs / hopeful,
    bestHostMs: Math.min(...byHost) / hopeful,
    meanPrice: seen.price / seen.answered,
    outages: weathers.reduce((sum, { outageCount }) => sum + outageCount, 0),
  };
}

function listOf(input: string) {
  const output = `0.${String(Number(input.slice(2)) * 4).padStart(2, '0')}`;
  return operatorModel({ id: 'm', prices: { 'input-text': input, 'output-text': output } }).priceList;
}
