import type { AnswerEvent } from '../../model/event.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { carryOf } from './carry-of.ts';
import { fieldsBeyond, itemIdOf, text } from './item-reader.ts';
import type { AnswerParts, ItemReader } from './item-reader.ts';

const itemKeys = new Set(['type', 'id', 'call_id', 'name', 'arguments']);

/** A call for the caller to run. */
export class CallReader implements ItemReader {
  readonly #parts: AnswerParts;
  readonly #index: number;
  #hasArguments = false;

  /** A host that gives the call no id of its own means that of the item. */
  constructor(item: JsonObject, parts: AnswerParts, out: AnswerEvent[]) {
    const { itemId } = itemIdOf(item);
    this.#parts = parts;
    const opening = {
      kind: 'tool-call' as const,
      callId: text(item['call_id']) ?? itemId ?? 'call',
      name: text(item['name']) ?? '',
      ranBy: 'caller' as const,
      ...itemIdOf(item),
      ...carryOf(fieldsBeyond(item, itemKeys)),
    };
    this.#index = parts.start(opening, out);
  }

  read(event: JsonObject, out: AnswerEvent[]): void {
    if (event['type'] === 'response.function_call_arguments.delta') this.#push(event['delta'], out);
    else if (event['type'] === 'response.function_call_arguments.done' && !this.#hasArguments)
      this.#push(event['arguments'], out);
  }

  done(item: JsonObject, out: AnswerEvent[]): void {
    if (!this.#hasArguments) this.#push(item['arguments'], out);
    this.#parts.end(this.#index, out);
  }

  #push(piece: Json | undefined, out: AnswerEvent[]): void {
    const said = text(piece);
    if (said === undefined) return;
    this.#hasArguments = true;
    this.#parts.delta(this.#index, { kind: 'arguments', text: said }, out);
  }
}
