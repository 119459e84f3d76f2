import type { JsonObject } from '../../model/json.ts';
import type { EventSink } from './event-sink.ts';
import type { OutputItem } from './wire-types.ts';

/** What all output items have: an id, a place in the output, a beginning and an end. */
export class ItemFrame {
  readonly id: string;
  readonly outputIndex: number;
  readonly sink: EventSink;
  /** Fields of the wire without a word in the model, which go back beside ours. */
  readonly #carried: JsonObject;
  #item: JsonObject = {};

  constructor(id: string, outputIndex: number, sink: EventSink, carried: JsonObject) {
    this.id = id;
    this.outputIndex = outputIndex;
    this.sink = sink;
    this.#carried = carried;
  }

  /** Where an event of this item happens. */
  get place(): { readonly item_id: string; readonly output_index: number } {
    return { item_id: this.id, output_index: this.outputIndex };
  }

  /** The item as it was told last. */
  get item(): JsonObject {
    return this.#item;
  }

  add(item: OutputItem): void {
    this.#tell('response.output_item.added', item);
  }

  finish(item: OutputItem): void {
    this.#tell('response.output_item.done', item);
  }

  /** An item that came whole from a host of this protocol. */
  pass(item: JsonObject): void {
    this.#item = item;
    this.sink.emitForeign('response.output_item.added', { output_index: this.outputIndex, item });
    this.sink.emitForeign('response.output_item.done', { output_index: this.outputIndex, item });
  }

  #tell(type: 'response.output_item.added' | 'response.output_item.done', own: OutputItem): void {
    const item = { ...this.#carried, ...own };
    this.#item = item;
    this.sink.emit({ type, output_index: this.outputIndex, item });
  }
}

/** An item that is being written. Its parts end before it does. */
export interface ItemWriter {
  readonly frame: ItemFrame;
  /** Parts that have begun and not ended. */
  readonly openParts: number;
  finish(status: 'completed' | 'incomplete'): void;
}
