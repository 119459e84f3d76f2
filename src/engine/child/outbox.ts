import type { AnswerEvent } from '../../model/event.ts';
import type { Clock } from '../../model/ports.ts';
import { windowMessages, type ChildMessage } from '../wire.ts';

/**
 * Messages of one request are at least this far apart. A model on a CPU writes a token in 20 ms or more, so each still leaves at
 * once; a very fast one would otherwise spend a good part of its time on messages.
 */
const messagesApartMs = 8;

/** The way of one request's events to the parent: gathers them into messages and stops where the reader does not keep up. */
export class Outbox {
  readonly #id: number;
  readonly #send: (message: ChildMessage) => void;
  readonly #clock: Clock;
  #pending: AnswerEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #underWay = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  #wake: (() => void) | undefined;

  constructor(id: number, send: (message: ChildMessage) => void, clock: Clock) {
    this.#id = id;
    this.#send = send;
    this.#clock = clock;
  }

  emit(events: readonly AnswerEvent[]): void {
    if (events.length === 0) return;
    for (const event of events) append(this.#pending, event);
    this.#schedule();
  }

  /** False: the reader is a whole window behind. Wait for `room` before more is made. */
  get hasRoom(): boolean {
    return this.#underWay < windowMessages;
  }

  /** Resolves when the reader has caught up or the signal comes. */
  async room(signal: AbortSignal): Promise<void> {
    while (!this.hasRoom && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const leave = (): void => resolve();
      this.#wake = resolve;
      signal.addEventListener('abort', leave, { once: true });
      await promise;
      signal.removeEventListener('abort', leave);
    }
  }

  taken(messages: number): void {
    this.#underWay -= messages;
    this.#wake?.();
    this.#wake = undefined;
    this.#schedule();
  }

  /** Sends what is left, with or without room: at most one token and the end of the answers. */
  finish(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flush();
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#pending.length === 0 || !this.hasRoom) return;
    const waitMs = Math.max(0, this.#sentAt + messagesApartMs - this.#clock.ticks());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, waitMs);
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    const events = this.#pending;
    this.#pending = [];
    this.#underWay++;
    this.#sentAt = this.#clock.ticks();
    this.#send({ kind: 'events', id: this.#id, events });
  }
}

/** Adds an event; a text that directly continues the one before becomes one delta with it. */
function append(events: AnswerEvent[], event: AnswerEvent): void {
  const last = events.at(-1);
  if (last?.kind === 'part-delta' && event.kind === 'part-delta' && last.answer === event.answer && last.index === event.index) {
    const joined = join(last.delta, event.delta);
    if (joined !== undefined) {
      events[events.length - 1] = { ...last, delta: joined };
      return;
    }
  }
  events.push(event);
}

type Delta = Extract<AnswerEvent, { kind: 'part-delta' }>['delta'];

function join(first: Delta, second: Delta): Delta | undefined {
  if (first.kind === 'text' && second.kind === 'text') {
    const logprobs = [...(first.logprobs ?? []), ...(second.logprobs ?? [])];
    return { kind: 'text', text: first.text + second.text, ...(logprobs.length === 0 ? {} : { logprobs }) };
  }
  if (first.kind === 'reasoning' && second.kind === 'reasoning') return { kind: 'reasoning', text: first.text + second.text };
  if (first.kind === 'arguments' && second.kind === 'arguments') return { kind: 'arguments', text: first.text + second.text };
  return undefined;
}
