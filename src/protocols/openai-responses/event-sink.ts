import type { Json, JsonObject } from '../../model/json.ts';
import type { DeltaEvent, WireEvent } from './wire-types.ts';

/** Where the events of a response go. A whole answer is written by the same code as a stream, with nobody listening. */
export interface EventSink {
  emit(event: WireEvent): void;
  /** An event around an item of another making, or around the response. */
  emitForeign(type: string, fields: JsonObject): void;
  /** Prepares the events of one place that differ only in their deltas. */
  deltas(place: DeltaPlace): (delta: Deltas) => void;
}

/** A delta event without what changes from one to the next. */
export type DeltaPlace = OmitEach<DeltaEvent, 'delta' | 'logprobs'>;
export type Deltas = { readonly delta: string; readonly logprobs?: readonly Json[] };

type OmitEach<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;

export const nobody: EventSink = {
  emit: () => undefined,
  emitForeign: () => undefined,
  deltas: () => () => undefined,
};

/**
 * Writes events as SSE frames with `event:` and `data:` lines and counts their `sequence_number` from 0. The text of a delta's place is
 * put together once, since deltas come for every token.
 */
export class SseSink implements EventSink {
  #text = '';
  #next = 0;

  /** What was written since the last call. */
  taken(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  /** The number of the next event, which is then taken. */
  takeNumber(): number {
    return this.#next++;
  }

  emit(event: WireEvent): void {
    const { type, ...fields } = event;
    this.emitForeign(type, fields);
  }

  emitForeign(type: string, fields: JsonObject): void {
    this.write(type, { type, sequence_number: this.takeNumber(), ...fields });
  }

  write(type: string, data: JsonObject): void {
    this.#text += `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
  }

  deltas(place: DeltaPlace): (delta: Deltas) => void {
    const head = `event: ${place.type}\ndata: ${JSON.stringify(place).slice(0, -1)},"sequence_number":`;
    return ({ delta, logprobs }) => {
      const beside = logprobs === undefined ? '' : `,"logprobs":${logprobs.length === 0 ? '[]' : JSON.stringify(logprobs)}`;
      this.#text += `${head}${this.takeNumber()},"delta":${JSON.stringify(delta)}${beside}}\n\n`;
    };
  }
}
