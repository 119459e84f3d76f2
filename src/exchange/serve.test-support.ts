import { vi } from 'vitest';
import type { Catalogue, ModelEntry, Order, Variant } from '../catalogue/catalogue.ts';
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
import type { WhenShort } from './place-hold.ts';
import { createExchange } from './serve.ts';

const model: ModelEntry = operatorModel({
  id: 'm',
  context: 1_000,
  output: 1_000,
  prices: { 'input-text': '1000', 'output-text': '2000', reasoning: '2000' },
});

export const request: GenerateRequest = {
  model: 'm',
  turns: [{ role: 'user', parts: [{ kind: 'text', text: 'Hello' }] }],
  tools: [],
  sampling: {},
  limits: { answerTokens: 100 },
  thinking: { kind: 'off' },
  form: { kind: 'unsaid' },
  delivery: { kind: 'stream' },
};

const variants = ['m:cn', 'm:us'].map((id): Variant => ({ ...model, id }));

/** The model `m`, also `maker/m`, and its variants. */
const catalogue: Catalogue = {
  find(id) {
    const name = id.replace(/^maker\//, '');
    const variant = variants.find((each) => each.id === name);
    if (variant !== undefined) return { model, variant };
    return name === 'm' ? { model } : undefined;
  },
  list: () => [model],
  priceList: ({ priceList }) => priceList,
  resolve(wanted): Order {
    const { limits, priceList } = model;
    return { request: wanted, model, limits, priceList, notices: [], ...catalogue.find(wanted.model) };
  },
};

export const start: AnswerEvent = { kind: 'answer-start', id: 'theirs', model: 'theirs' };
export const say = (text: string): AnswerEvent => ({ kind: 'part-delta', answer: 0, index: 0, delta: { kind: 'text', text } });
export const open: AnswerEvent = { kind: 'part-start', answer: 0, index: 0, part: { kind: 'text' } };
export const used = (input: number, output: number): AnswerEvent => ({ kind: 'usage', usage: usageOf(input, output) });
const usageOf = (input: number, output: number): Usage => ({ input: { total: input }, output: { total: output }, toolCalls: {} });
export const ending: readonly AnswerEvent[] = [
  { kind: 'part-end', answer: 0, index: 0 },
  { kind: 'answer-end', answer: 0, reason: 'stop' },
];

export type Script = (signal: AbortSignal) => AsyncGenerator<EventBatch, void, undefined>;

export async function* good(): AsyncGenerator<EventBatch, void, undefined> {
  yield [start];
  yield [open, say('Hi')];
  yield [...ending, used(10, 5)];
}

/** A host that fails before it says anything. */
export function failsWith(code: FaultCode): Script {
  return async function* () {
    await Promise.reject(new FlashmuxError(code, 'no'));
    yield [];
  };
}

export async function untilAborted(signal: AbortSignal): Promise<never> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(new FlashmuxError('cancelled', 'stopped')), { once: true });
  return await promise;
}

/** An exchange over scripted hosts, with 1 dollar on the account. A token in costs 1,000,000 nano-dollars, one out the double. */
export function exchangeOf(...scripts: readonly ScriptedHost[]) {
  return exchangeWith('refuse', ...scripts);
}

type ScriptedHost = Script | { readonly script: Script; readonly cancellable: boolean; readonly holds?: boolean };

export async function exchangeWith(whenShort: WhenShort, ...scripts: readonly ScriptedHost[]) {
  const store = createMemoryStore({ clock: systemClock, epochId: 'boot_test' });
  const alarms = vi.fn<() => void>();
  const ledger = createLedger(store.ledger, { clock: systemClock, onAlarm: alarms });
  await ledger.openAccount({ id: 'acct', limit: 'prepaid' });
  await ledger.topUp('acct', 1_000_000_000n, 'gift');
  const providers = new Map<string, Provider>();
  const requests: GenerateRequest[] = [];
  for (const [index, entry] of scripts.entries()) {
    const { script, cancellable, holds = false } = typeof entry === 'function' ? { script: entry, cancellable: true } : entry;
    providers.set(`p${index}`, {
      name: `p${index}`,
      cancellable,
      holds: () => holds,
      run: (attempt, signal) => (requests.push(attempt.request), script(signal)),
    });
  }
  const routing = createRouting({
    catalogue,
    hosts: ['m', ...variants.map(({ id }) => id)].flatMap((offered) =>
      [...providers.keys()].map((provider) => ({ provider, model: offered, upstreamModel: 'theirs' })),
    ),
    local: () => undefined,
    ticks: () => systemClock.ticks(),
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
    whenShort,
    retries: { triesPerHost: 1, budgetMs: 0, firstPauseMs: 1, longestPauseMs: 1 },
    chance: () => 0,
  });
  return {
    ledger,
    /** Whether there are figures of the first host. */
    isTimed: () => routing.endpoints('m')[0]?.figures.latencyMs !== undefined,
    /** As the hosts got them. */
    requests,
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
      await exchange.settled(60_000);
      const { spent, pending } = await ledger.balance('acct');
      return { spent, pending };
    },
  };
}

export async function drain(stream: AsyncIterable<EventBatch>): Promise<AnswerEvent[]> {
  const events: AnswerEvent[] = [];
  for await (const batch of stream) events.push(...batch);
  return events;
}
