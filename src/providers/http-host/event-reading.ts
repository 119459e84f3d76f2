import type { AnswerEvent } from '../../model/event.ts';
import type { StreamReader } from '../../protocols/codec.ts';
import { SseDecoder } from '../../protocols/sse/sse-decoder.ts';
import type { AnswerShaper } from './answer-shaper.ts';
import type { HostProtocol } from './host-protocol.ts';

/** The events of one streamed answer: bytes in, events out, and nothing that waits. */
export class EventReading {
  readonly #protocol: HostProtocol;
  readonly #shaper: AnswerShaper;
  readonly #decoder = new SseDecoder();
  readonly #reader: StreamReader;
  #isOver = false;

  constructor(protocol: HostProtocol, shaper: AnswerShaper) {
    this.#protocol = protocol;
    this.#shaper = shaper;
    this.#reader = protocol.client.streamReader();
  }

  /** True once the host has said its last word. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** What one chunk says, or the end of the body. Where it throws, what came before the fault is in `out`. */
  take(step: IteratorResult<Uint8Array>, out: AnswerEvent[]): void {
    let isLast = step.done === true;
    for (const frame of step.done === true ? this.#decoder.end() : this.#decoder.decode(step.value)) {
      append(this.#shaper.take(this.#reader.read(frame)), out);
      isLast = this.#protocol.isLast(frame);
      if (isLast) break;
    }
    if (!isLast && step.done !== true) return;
    append(this.#shaper.take(this.#reader.end()), out);
    this.flush(out);
    this.#isOver = true;
  }

  /** What was held back, for a stream that breaks off. */
  flush(out: AnswerEvent[]): void {
    append(this.#shaper.flush(), out);
  }
}

function append(events: readonly AnswerEvent[], out: AnswerEvent[]): void {
  for (const event of events) out.push(event);
}
