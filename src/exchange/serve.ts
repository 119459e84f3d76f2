import { setTimeout as pause } from 'node:timers/promises';
import type { Catalogue, Order } from '../catalogue/catalogue.ts';
import type { AnsweredBefore, Ledger } from '../ledger/ledger.ts';
import type { AnswerEvent, EventBatch } from '../model/event.ts';
import { asFault, FlashmuxError } from '../model/fault.ts';
import type { Clock, Deadlines, Provider, TokenCounter } from '../model/ports.ts';
import { unfold } from '../model/stream.ts';
import type { PlannedAttempt } from '../routing/plan.ts';
import type { Routing } from '../routing/routing.ts';
import type { Log } from '../telemetry/log.ts';
import type { Admission } from './admission.ts';
import type { Call, Serve } from './call.ts';
import { CallWatch } from './call-watch.ts';
import { Drains } from './drains.ts';
import { EarlyInput, inputTold } from './early-input.ts';
import { AnswerKeeper, readKeptAnswer, replayed } from './kept-answer.ts';
import { placeHold, type WhenShort } from './place-hold.ts';
import { refuseForbidden } from './refuse-forbidden.ts';
import { Attempts } from './run-attempts.ts';
import { Settling } from './settling.ts';
import { Tally } from './tally.ts';

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
  const { catalogue, routing, ledger, providers, admission, counter, deadlines, clock, whenShort } = options;
  const unsettled = new Set<Promise<unknown>>();
  const drains = new Drains();

  async function* serve(call: Call): AsyncGenerator<EventBatch, void, undefined> {
    const watch = new CallWatch(call, clock);
    const asked = catalogue.resolve(call.request, call.caller.accountId);
    refuseForbidden(catalogue, call.caller, asked);
    const plan = { order: asked, planned: routing.plan(asked, call.request) };
    const place = await admission.enter(call.caller.keyId, call.signal, call.caller.maxInFlight);
    try {
      const expiresAt = clock.now() + deadlines.totalMs + holdOutlivesDeadlineMs;
      const held = await placeHold(call, plan, { ledger, routing, whenShort, expiresAt });
      if (held.kind === 'answered-before') {
        yield* answerAgain(call, held);
        return;
      }
      const { hold, order, planned } = held;
      const keeper = call.idempotency === undefined ? undefined : new AnswerKeeper();
      const tally = new Tally(order.request, keeper);
      const attempts = new Attempts({ call, planned, providers, deadlines, tally, ticks: () => clock.ticks() });
      const early = new EarlyInput({ call, request: order.request, planned, providers, counter });
      const opening = onceOnly(() => openingOf(call, order, attempts.attempt, clock));
      const cancellable = isCancellable(providers, attempts);
      const kept = keeper === undefined ? {} : { kept: { keeper, opening, runOnMs: deadlines.totalMs } };
      const settling = new Settling({ ...options, call, hold, attempts, tally, watch, drains, cancellable, ...kept });
      try {
        for (let batch = await attempts.next(), first = true; batch !== undefined; batch = await attempts.next(), first = false) {
          const forwarded = batch.filter((event) => isForwarded(event));
          if (first) forwarded.unshift(...opening(), ...(await early.of(batch)));
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
        if (!tally.produced && !call.signal.aborted) await ended;
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

function openingOf(call: Call, order: Order, attempt: PlannedAttempt, clock: Clock): AnswerEvent[] {
  const { answeringModel: model, provider } = attempt;
  const start: AnswerEvent = {
    kind: 'answer-start',
    id: call.answerId,
    model,
    provider,
    createdAt: Math.floor(clock.now() / 1000),
  };
  const notices = [...order.notices, ...attempt.notices].map((notice): AnswerEvent => ({ kind: 'notice', notice }));
  return [start, ...notices];
}

function isCancellable(providers: ReadonlyMap<string, Provider>, attempts: Attempts): () => boolean {
  return () => providers.get(attempts.attempt.provider)?.cancellable ?? true;
}

function keepTrack(set: Set<Promise<unknown>>, work: Promise<unknown>): void {
  set.add(work);
  void work.finally(() => set.delete(work)).catch(() => undefined);
}
