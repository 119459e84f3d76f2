import type { PartDelta, PartOpening } from '../../model/event.ts';
import type { ItemFrame, ItemWriter } from './item-frame.ts';
import type { PartWriter } from './part-writer.ts';
import type { ItemStatus } from './wire-types.ts';

export type CallOpening = Extract<PartOpening, { kind: 'tool-call' }>;

/** A call that the caller is to run. The item and its only part are one. */
export class CallWriter implements ItemWriter, PartWriter {
  readonly frame: ItemFrame;
  readonly #opening: CallOpening;
  readonly #pieces: string[] = [];
  readonly #write: (delta: { readonly delta: string }) => void;
  openParts = 1;

  constructor(frame: ItemFrame, opening: CallOpening) {
    this.frame = frame;
    this.#opening = opening;
    this.#tell('in_progress', '');
    this.#write = frame.sink.deltas({ type: 'response.function_call_arguments.delta', ...frame.place });
  }

  get item(): ItemWriter {
    return this;
  }

  delta(delta: PartDelta): void {
    if (delta.kind !== 'arguments') return;
    this.#pieces.push(delta.text);
    this.#write({ delta: delta.text });
  }

  end(): void {
    this.openParts = 0;
    const { sink, place } = this.frame;
    const { name } = this.#opening;
    sink.emit({ type: 'response.function_call_arguments.done', ...place, name, arguments: this.#pieces.join('') });
  }

  finish(status: 'completed' | 'incomplete'): void {
    this.#tell(status, this.#pieces.join(''));
  }

  #tell(status: ItemStatus, argumentsText: string): void {
    const { id } = this.frame;
    const { callId, name } = this.#opening;
    const item = { type: 'function_call' as const, id, call_id: callId, name, arguments: argumentsText, status };
    if (status === 'in_progress') this.frame.add(item);
    else this.frame.finish(item);
  }
}
