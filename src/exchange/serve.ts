import { setTimeout as pause } from 'node:timers/promises';
import type { Catalogue, ModelEntry, Order, Variant } from '../catalogue/catalogue.ts';
import type { AnsweredBefore, Ledger } from '../ledger/ledger.ts';
import type { AnswerEvent, EventBatch, ToldAttempt } from '../model/event.ts';
import { asFault, FlashmuxError } from '../model/fault.ts';
import type { Clock, Deadlines, Provider, TokenCounter } from '../model/ports.ts';
import { unfold } from '../model/stream.ts';
import type { Routing } from '../routing/routing.ts';
import type { Log } from '../telemetry/log.ts';
import type { Admission } from './admission.ts';
import type { AttemptRecord } from './attempt-record.ts';
import type { Call, Serve } from './call.ts';
import { CallWatch } from './call-watch.ts';
import { Drains } from './drains.ts';
import { EarlyInput, inputTold } from './early-input.ts';
import { AnswerKeeper, readKeptAnswer, replayed } from './kept-answer.ts';
import { placeHold, type PlanOrder, type WhenShort } from './place-hold.ts';
import { mayCall, refuseForbidden } from './refuse-forbidden.ts';
import { withOwnKeys, type AccountKey } from './own-keys.ts';
import { Attempts } from './run-attempts.ts';
import { Settling } from './settling.ts';
import { Tally } from './tally.ts';
import type { RetrySettings } from './tries.ts';

export interface ExchangeOptions {
  readonly catalogue: Catalogue;
  readonly routing: Routing;
  readonly ledger: Ledger;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly admission: Admission;
  readonly counter: TokenCounter;
  readonly deadlines: Deadlines;
  readonly clock: Clock;
  readonly log: Log;
  readonly whenShort: WhenShort;
  readonly retries: RetrySettings;
  /** From 0 to below 1. */
  readonly chance: () => number;
  /** An account's own key at a provider, in place of those of this server. */
  readonly accountKey?: AccountKey;
}

export interface Exchange {
  readonly serve: Serve;
  /**
   * Resolves once every request that has ended is settled too, the ones drained after their caller left included, or after
   * `withinMs`.
   */
  settled(withinMs: number): Promise<void>;
}

/** The line of docs/architecture.md from resolve to settle, for one call after the other. */
export function createExchange(options: ExchangeOptions): Exchange {
  const { catalogue, routing, ledger, providers, admission, counter, deadlines, clock, whenShort, retries, chance } = options;
  const unsettled = new Set<Promise<unknown>>();
  const drains = new Drains();

  async function* serve(given: Call): AsyncGenerator<EventBatch, void, undefined> {
    const watch = new CallWatch(given, clock);
    const call = { ...given, request: routing.understood(given.request) };
    const asked = catalogue.resolve(call.request, call.caller.accountId);
    refuseForbidden(catalogue, call.caller, asked);
    const planOrder = planFor(call, options);
    const plan = { order: asked, planned: planOrder(asked, call.request) };
    const place = await admission.enter(call.caller.keyId, call.signal, call.caller.maxInFlight);
    try {
      const expiresAt = clock.now() + deadlines.totalMs + holdOutlivesDeadlineMs;
      const held = await placeHold(call, plan, { ledger, plan: planOrder, whenShort, expiresAt });
      if (held.kind === 'answered-before') {
        yield* answerAgain(call, held);
        return;
      }
      const { hold, order } = held;
      const keeper = call.idempotency === undefined ? undefined : new AnswerKeeper();
      const tally = new Tally(order.request, keeper);
      const line = { call, planned: held.planned, providers };
      const ticks = (): number => clock.ticks();
      const attempts = new Attempts({ ...line, deadlines, retries, tally, watch: routing.watch, ticks, chance });
      const early = new EarlyInput({ ...line, request: order.request, counter });
      const opening = onceOnly(() => openingOf(call, order, attempts, clock));
      const cancellable = isCancellable(providers, attempts);
      const kept = keeper === undefined ? {} : { kept: { keeper, opening, runOnMs: deadlines.totalMs } };
      const settling = new Settling({ ...options, call, hold, attempts, tally, watch, drains, cancellable, ...kept });
      try {
        for (let batch = await attempts.next(), first = true; batch !== undefined; batch = await attempts.next(), first = false) {
          const said = batch.every(isForwarded) ? batch : batch.filter(isForwarded);
          const forwarded = first ? [...opening(), ...(await early.of(batch)), ...said] : said;
          watch.forwards(forwarded);
          if (forwarded.length > 0) yield forwarded;
        }
        // Durable before the caller sees it: the usage leaves only after the settlement.
        yield [await settling.complete()];
      } catch (error) {
        settling.failed(asFault(error));
        throw error;
      } finally {
        const ended = settling.end(call.signal.aborted);
        keepTrack(unsettled, ended);
        // A caller who is told that nothing came of it may try again at once, and needs the held credits for that.
        if (!attempts.forwarded && !call.signal.aborted) await ended;
      }
    } finally {
      place.leave();
    }
  }

  return {
    serve,
    async settled(withinMs) {
      const expired = new AbortController();
      const late = pause(withinMs, undefined, { signal: expired.signal }).catch(() => undefined);
      await Promise.race([emptied(unsettled), late]);
      expired.abort();
    },
  };
}

/** A hold must not expire under a request that runs to its deadline and is then drained. */
const holdOutlivesDeadlineMs = 120_000;

/** What was answered before under the same idempotency key. Throws the fault that ended it, or `conflict` where it was not kept. */
function* answerAgain(call: Call, { requestId, result }: AnsweredBefore): Generator<EventBatch, void, undefined> {
  const kept = result === undefined ? undefined : readKeptAnswer(result);
  if (kept === undefined) {
    throw new FlashmuxError(
      'conflict',
      `This Idempotency-Key was answered and charged before (${requestId}); its answer was too long to be kept.`,
      { param: 'idempotency-key' },
    );
  }
  call.onReplay?.();
  const { head, usage } = replayed(unfold(kept.answer));
  const input = call.wantsInputTokens === true ? kept.answer.usage?.input.total : undefined;
  yield input === undefined ? head : [...head, inputTold(input)];
  if (kept.fault !== undefined) throw kept.fault;
  yield usage;
}

async function emptied(works: ReadonlySet<Promise<unknown>>): Promise<void> {
  while (works.size > 0) await Promise.allSettled(works);
}

function onceOnly<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** The host's own opening is replaced by ours, its usage waits for the settlement. */
function isForwarded(event: AnswerEvent): boolean {
  return event.kind !== 'usage' && event.kind !== 'answer-start';
}

/** The plan of a call's order, which is made again where less than was asked for fits its credits. */
function planFor(call: Call, { catalogue, routing, accountKey }: ExchangeOptions): PlanOrder {
  const { caller } = call;
  const allows = (model: ModelEntry, variant?: Variant): boolean => mayCall(catalogue, caller, { model, variant });
  return (order, asked) => {
    const planned = routing.plan(order, asked, { accountId: caller.accountId, allows });
    return withOwnKeys(planned, asked.routing, (provider) => accountKey?.(provider, caller.accountId));
  };
}

function openingOf(call: Call, order: Order, { attempt, records }: Attempts, clock: Clock): AnswerEvent[] {
  const { answeringModel: model, provider, upstreamModel } = attempt;
  const failed = records.flatMap(toldFailure);
  const start: AnswerEvent = {
    kind: 'answer-start',
    id: call.answerId,
    model,
    provider,
    createdAt: Math.floor(clock.now() / 1000),
    ...(failed.length === 0 ? {} : { attempts: [...failed, { provider, model: upstreamModel }] }),
  };
  const notices = [...order.notices, ...attempt.notices].map((notice): AnswerEvent => ({ kind: 'notice', notice }));
  return [start, ...notices];
}

function toldFailure({ provider, upstreamModel, durationMs, fault }: AttemptRecord): readonly ToldAttempt[] {
  return fault === undefined ? [] : [{ provider, model: upstreamModel, durationMs: Math.round(durationMs), fault: fault.code }];
}

function isCancellable(providers: ReadonlyMap<string, Provider>, attempts: Attempts): () => boolean {
  return () => providers.get(attempts.attempt.provider)?.cancellable ?? true;
}

function keepTrack(set: Set<Promise<unknown>>, work: Promise<unknown>): void {
  set.add(work);
  void work.finally(() => set.delete(work)).catch(() => undefined);
}
