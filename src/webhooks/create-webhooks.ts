import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../telemetry/log.ts';
import { deliverEvent, isDelivered, type DeliverDeps, type WebhookTarget } from './deliver-event.ts';
import type { WebhookEvent } from './webhook-event.ts';

export interface WebhooksOptions extends DeliverDeps {
  readonly target: WebhookTarget;
  readonly log: Log;
  /** Waits; an abort ends it with a rejection. For tests. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Events that may be on their way at the same time, the waiting ones included. */
  readonly mostPending?: number;
}

export interface Webhooks {
  /** Hands an event over; it returns at once and never throws. `onGivenUp` is called where it could not be delivered. */
  send(event: WebhookEvent, onGivenUp?: OnGivenUp): void;
  /** Takes no more events, lets tries that run come to their end until the deadline, and gives up the rest. */
  close(deadlineMs: number): Promise<void>;
}

/** What it rejects with is logged. */
export type OnGivenUp = () => Promise<void>;

/** Between one try and the next: five tries over a little more than ten minutes. */
const pausesMs: readonly number[] = [5_000, 30_000, 120_000, 480_000];

/** A receiver that is away holds no more of them than this; the events that do not fit are given up, and told by the log. */
const defaultMostPending = 256;

/** Delivers events at least once while this process lives, each by itself: one that is refused does not delay the others. */
export function createWebhooks(options: WebhooksOptions): Webhooks {
  return new Deliveries(options);
}

class Deliveries implements Webhooks {
  readonly #options: WebhooksOptions;
  readonly #pending = new Set<Promise<void>>();
  /** Ends the pauses: nothing is tried again. */
  readonly #closing = new AbortController();
  /** Ends the tries that run. */
  readonly #cutting = new AbortController();

  constructor(options: WebhooksOptions) {
    this.#options = options;
  }

  send(event: WebhookEvent, onGivenUp?: OnGivenUp): void {
    const { mostPending = defaultMostPending } = this.#options;
    const isFull = this.#pending.size >= mostPending;
    const work = isFull ? this.#giveUp(event, `${mostPending} others are waiting`, onGivenUp) : this.#deliver(event, onGivenUp);
    const tracked = work.finally(() => this.#pending.delete(tracked));
    this.#pending.add(tracked);
  }

  async close(deadlineMs: number): Promise<void> {
    this.#closing.abort();
    const deadline = setTimeout(() => this.#cutting.abort(), deadlineMs);
    await Promise.all(this.#pending);
    clearTimeout(deadline);
  }

  /** Never rejects. */
  async #deliver(event: WebhookEvent, onGivenUp: OnGivenUp | undefined): Promise<void> {
    const { log } = this.#options;
    for (const [index, pauseMs] of [...pausesMs, undefined].entries()) {
      if (this.#closing.signal.aborted) return this.#giveUp(event, 'the server is shutting down', onGivenUp);
      const failure = await this.#attempt(event);
      if (failure === undefined) return;
      log.warn({ eventId: event.id, type: event.type, attempt: index + 1, reason: failure }, 'a webhook was not delivered');
      if (pauseMs !== undefined) await this.#pause(pauseMs);
    }
    await this.#giveUp(event, `${pausesMs.length + 1} tries failed`, onGivenUp);
  }

  /** Why the receiver does not have it; undefined where it has. */
  async #attempt(event: WebhookEvent): Promise<string | undefined> {
    try {
      const status = await deliverEvent(event, this.#options.target, this.#options, this.#cutting.signal);
      return isDelivered(status) ? undefined : `the receiver answered ${status}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** Ends early where the server is shutting down. */
  async #pause(ms: number): Promise<void> {
    const { wait = sleepFor } = this.#options;
    await wait(ms, this.#closing.signal).catch(() => undefined);
  }

  /** Never rejects. */
  async #giveUp({ id, type, data }: WebhookEvent, reason: string, onGivenUp: OnGivenUp | undefined): Promise<void> {
    const { log } = this.#options;
    log.error({ eventId: id, type, data, reason }, 'a webhook was given up');
    await onGivenUp?.().catch((error: unknown) => log.error({ eventId: id, error }, 'nor could it be marked for another time'));
  }
}

async function sleepFor(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal });
}
