import type { Caller } from '../access/access.ts';
import type { Catalogue, Order } from '../catalogue/catalogue.ts';
import { InsufficientCredits } from '../ledger/insufficient-credits.ts';
import type { HoldWish, Ledger, PlacedHold } from '../ledger/ledger.ts';
import type { AnswerEvent, EventBatch } from '../model/event.ts';
import { asFault, FlashmuxError } from '../model/fault.ts';
import type { Clock, Deadlines, Provider, TokenCounter } from '../model/ports.ts';
import type { PlannedAttempt } from '../routing/plan.ts';
import type { Routing } from '../routing/routing.ts';
import type { Log } from '../telemetry/log.ts';
import type { Admission } from './admission.ts';
import type { Call, Serve } from './call.ts';
import { CallWatch } from './call-watch.ts';
import { Attempts } from './run-attempts.ts';
import { Settling } from './settling.ts';
import { Tally } from './tally.ts';
import { holdAmount } from './worst-case.ts';

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
}

export interface Exchange {
  readonly serve: Serve;
  /** Resolves once every request that has ended is settled too, the ones drained after their caller left included. */
  settled(): Promise<void>;
}

/** The line of docs/architecture.md from resolve to settle, for one call after the other. */
export function createExchange(options: ExchangeOptions): Exchange {
  const { catalogue, routing, ledger, providers, admission, deadlines, clock } = options;
  const unsettled = new Set<Promise<unknown>>();

  async function* serve(call: Call): AsyncGenerator<EventBatch, void, undefined> {
    const watch = new CallWatch(call, clock);
    const order = catalogue.resolve(call.request, call.caller.accountId);
    refuseForbidden(catalogue, call.caller, order);
    const planned = routing.plan(order, call.request);
    const place = await admission.enter(call.caller.keyId, call.signal, call.caller.maxInFlight);
    try {
      const expiresAt = clock.now() + deadlines.totalMs + holdOutlivesDeadlineMs;
      const { requestId, caller, signal } = call;
      const onBalance = call.onBalance ?? (() => undefined);
      const wish = { requestId, accountId: caller.accountId, amount: holdAmount(order, planned), expiresAt };
      const hold = await holdTelling(ledger, wish, onBalance);
      const tally = new Tally(order.request);
      const attempts = new Attempts({ call, planned, providers, deadlines, tally, ticks: () => clock.ticks() });
      const cancellable = isCancellable(providers, attempts);
      const settling = new Settling({ ...options, hold, attempts, tally, watch, onBalance, cancellable });
      try {
        for (let batch = await attempts.next(), first = true; batch !== undefined; batch = await attempts.next(), first = false) {
          const forwarded = batch.filter((event) => isForwarded(event));
          if (first) forwarded.unshift(...opening(call, order, attempts.attempt, clock));
          watch.forwards(forwarded);
          if (forwarded.length > 0) yield forwarded;
        }
        // Durable before the caller sees it: the usage leaves only after the settlement.
        yield [await settling.complete()];
      } catch (error) {
        settling.failed(asFault(error));
        throw error;
      } finally {
        const ended = settling.end(signal.aborted);
        keepTrack(unsettled, ended);
        // A caller who is told that nothing came of it may try again at once, and needs the held credits for that.
        if (!tally.produced && !signal.aborted) await ended;
      }
    } finally {
      place.leave();
    }
  }

  return {
    serve,
    async settled() {
      while (unsettled.size > 0) await Promise.allSettled(unsettled);
    },
  };
}

/** A hold must not expire under a request that runs to its deadline and is then drained. */
const holdOutlivesDeadlineMs = 120_000;

function refuseForbidden(catalogue: Catalogue, { allowedModels }: Caller, { model, variant }: Order): void {
  if (allowedModels === undefined) return;
  // Both sides are compared by what they mean: a model has several ids, and whoever may call it may call its variants.
  const isAllowed = allowedModels.some((id) => {
    const allowed = catalogue.find(id);
    return allowed?.model.id === model.id && (allowed.variant === undefined || allowed.variant.id === variant?.id);
  });
  if (isAllowed) return;
  const named = variant?.id ?? model.id;
  throw new FlashmuxError('forbidden', `This key may not call "${named}". It may call: ${allowedModels.join(', ')}.`, {
    param: 'model',
  });
}

async function holdTelling(ledger: Ledger, wish: HoldWish, onBalance: NonNullable<Call['onBalance']>): Promise<PlacedHold> {
  try {
    const hold = await ledger.hold(wish);
    onBalance(hold.balance.available);
    return hold;
  } catch (error) {
    if (error instanceof InsufficientCredits) onBalance(error.balance.available);
    throw error;
  }
}

/** The host's own opening is replaced by ours, its usage waits for the settlement. */
function isForwarded(event: AnswerEvent): boolean {
  return event.kind !== 'usage' && event.kind !== 'answer-start';
}

function opening(call: Call, order: Order, attempt: PlannedAttempt, clock: Clock): AnswerEvent[] {
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
