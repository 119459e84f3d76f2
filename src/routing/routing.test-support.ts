import type { Catalogue, ModelEntry, Order } from '../catalogue/catalogue.ts';
import { createCatalogue } from '../catalogue/create-catalogue.ts';
import { operatorModel } from '../catalogue/operator-model.ts';
import type { PriceList } from '../model/money.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { RoutingPreferences } from '../model/routing-preferences.ts';
import { handClock } from './live/live.test-support.ts';
import type { Host, HostTraits, PlannedAttempt } from './plan.ts';
import { createRouting, type PlanContext, type Routing } from './routing.ts';
import type { RoutingSettings } from './settings.ts';

/** A model that can do everything, and one that stands beside it. */
export const testModels: readonly ModelEntry[] = [
  operatorModel({ id: 'm', context: 100_000, output: 10_000, thinking: 8_000 }),
  operatorModel({ id: 'other', context: 100_000, output: 10_000 }),
];
export const testCatalogue: Catalogue = createCatalogue({ extra: testModels });

export const hello: GenerateRequest = {
  model: 'm',
  turns: [{ role: 'user', parts: [{ kind: 'text', text: 'Hello' }] }],
  tools: [],
  sampling: {},
  limits: {},
  thinking: { kind: 'unsaid' },
  form: { kind: 'unsaid' },
  delivery: { kind: 'whole', said: false },
};

export const wishing = (wishes: Partial<RoutingPreferences>, request: GenerateRequest = hello): GenerateRequest => ({
  ...request,
  routing: { saidAt: 'provider', ...wishes },
});

/** Dollars for a million tokens in and out. */
export const pricesOf = (input: string, output: string): PriceList =>
  operatorModel({ id: 'm', prices: { 'input-text': input, 'output-text': output } }).priceList;

/** Hosts of the model `m` by the name of their provider; those of another model by `provider=model`. */
export function hostsOf(traits: Readonly<Record<string, HostTraits>>): readonly Host[] {
  return Object.entries(traits).map(([name, each]) => {
    const [provider = name, model = 'm'] = name.split('=');
    return { provider, model, upstreamModel: 'theirs', traits: each };
  });
}

export interface Bench {
  readonly routing: Routing;
  readonly clock: ReturnType<typeof handClock>;
  /** The next lots that are drawn; 0 once they are used up. */
  readonly lots: number[];
  plan(request: GenerateRequest, context?: PlanContext): readonly PlannedAttempt[];
  /** The names of the providers, in the order in which they would be tried. */
  providers(request: GenerateRequest, context?: PlanContext): readonly string[];
  attempt(provider: string, request?: GenerateRequest): PlannedAttempt;
  /** The host answers: its first token after so many milliseconds, the rest at so many tokens a second. */
  answers(provider: string, latencyMs: number, throughput?: number): void;
  fails(provider: string, times?: number): void;
}

export function benchOf(
  hosts: readonly Host[],
  settings: Partial<RoutingSettings> = {},
  catalogue: Catalogue = testCatalogue,
): Bench {
  const clock = handClock();
  const lots: number[] = [];
  const routing = createRouting({
    catalogue,
    hosts,
    local: () => undefined,
    ticks: clock.ticks,
    chance: () => lots.shift() ?? 0,
    settings,
  });
  const resolve = (request: GenerateRequest, accountId?: string): Order => catalogue.resolve(request, accountId);
  const plan: Bench['plan'] = (request, context) => routing.plan(resolve(request, context?.accountId), request, context);
  const attempt: Bench['attempt'] = (provider, request = hello) => {
    const found = plan(request).find((each) => each.provider === provider);
    if (found === undefined) throw new Error(`${provider} is not planned`);
    return found;
  };
  return {
    routing,
    clock,
    lots,
    plan,
    providers: (request, context) => plan(request, context).map(({ provider }) => provider),
    attempt,
    answers(provider, latencyMs, throughput = 100) {
      const watch = routing.watch.begins(attempt(provider));
      clock.pass(latencyMs);
      watch.firstToken();
      clock.pass(1_000);
      watch.ended({ kind: 'complete', outputTokens: throughput + 1 });
    },
    fails(provider, times = 1) {
      for (let time = 0; time < times; time++) {
        routing.watch.begins(attempt(provider)).ended({ kind: 'fault', code: 'upstream_failed' });
      }
    },
  };
}
