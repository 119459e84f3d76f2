import type { AnswerEvent, EventBatch } from '../model/event.ts';
import type { FlashmuxError } from '../model/fault.ts';
import { windowMessages } from './wire.ts';

/** Messages are reported as taken in groups of this size: often enough that a steady reader never stops the child. */
const reportMessages = windowMessages / 4;

/** The parent's end of one request: events come in as the child sends them, and go out as the reader asks for them. */
export class AnswerChannel {
  readonly #report: (messages: number) => void;
  #events: AnswerEvent[] = [];
  #messages = 0;
  #unreported = 0;
  #end: { readonly fault?: FlashmuxError } | undefined;
  #wake: (() => void) | undefined;

  /** `report` tells the child how many messages the reader has taken. */
  constructor(report: (messages: number) => void) {
    this.#report = report;
  }

  push(events: EventBatch): void {
    for (const event of events) this.#events.push(event);
    this.#messages++;
    this.#notify();
  }

  /** The first end counts. */
  end(fault?: FlashmuxError): void {
    this.#end ??= fault === undefined ? {} : { fault };
    this.#notify();
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** All that has come since the last call, at least one event; undefined at the end. Throws the fault it ended with. */
  async take(): Promise<EventBatch | undefined> {
    while (this.#events.length === 0) {
      if (this.#end?.fault !== undefined) throw this.#end.fault;
      if (this.#end !== undefined) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    const events = this.#events;
    this.#events = [];
    this.#unreported += this.#messages;
    this.#messages = 0;
    if (this.#unreported >= reportMessages && this.#end === undefined) {
      this.#report(this.#unreported);
      this.#unreported = 0;
    }
    return events;
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
