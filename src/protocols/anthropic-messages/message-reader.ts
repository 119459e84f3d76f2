import type { AnswerEvent } from '../../model/event.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { noticesOf } from '../wire/notice-objects.ts';
import { unknownFields } from '../wire/carried.ts';
import { isArray } from '../wire/fields.ts';
import { BlockReader } from './block-reader.ts';
import { readUsage } from './read-usage.ts';
import { readStopReason } from './stop-reason.ts';
import { messagePlace } from './write-answer.ts';

const messageKeys = new Set([
  'id',
  'type',
  'role',
  'model',
  'provider',
  'content',
  'stop_reason',
  'stop_sequence',
  'native_stop_reason',
  'usage',
  'notices',
]);
const eventKeys = new Set(['type', 'delta', 'usage', 'notices']);
const stopKeys = new Set(['stop_reason', 'stop_sequence', 'native_stop_reason']);

/** One message, read from the pieces that a stream and a whole answer have in common. */
export class MessageReader {
  readonly #blocks = new Map<number, BlockReader>();
  #parts = 0;
  /** Usage as told so far: the later event leaves out what did not change. */
  #usage: JsonObject = {};
  #reason: ReturnType<typeof readStopReason> | undefined;
  #hasEnded = false;
  hasStarted = false;

  /** Whether the host said why the answer ended. */
  get isFinished(): boolean {
    return this.#reason !== undefined;
  }

  /** `message` of `message_start`, or a whole answer. */
  start(message: JsonObject, out: AnswerEvent[]): void {
    if (this.hasStarted) return;
    this.hasStarted = true;
    const { id, model, provider, content } = message;
    out.push({
      kind: 'answer-start',
      ...(isText(id) ? { id } : {}),
      ...(isText(model) ? { model } : {}),
      ...(isText(provider) ? { provider } : {}),
    });
    for (const notice of noticesOf(message['notices'])) out.push({ kind: 'notice', notice });
    carry(unknownFields(message, messageKeys), out);
    this.#readUsage(message['usage'], out);
    for (const [place, block] of (isArray(content) ? content : []).entries()) {
      this.open(place, block, out);
      this.close(place, out);
    }
    this.#stop(message);
  }

  /** `place`: the index on the wire. A block that is open there already ends. */
  open(place: Json | undefined, block: Json | undefined, out: AnswerEvent[]): void {
    if (typeof place !== 'number' || !isJsonObject(block) || this.#hasEnded) return;
    this.close(place, out);
    this.#blocks.set(place, new BlockReader(block, this.#parts++, out));
  }

  delta(place: Json | undefined, delta: Json | undefined, out: AnswerEvent[]): void {
    if (typeof place === 'number' && isJsonObject(delta)) this.#blocks.get(place)?.delta(delta, out);
  }

  close(place: Json | undefined, out: AnswerEvent[]): void {
    if (typeof place !== 'number') return;
    this.#blocks.get(place)?.close(out);
    this.#blocks.delete(place);
  }

  /** A `message_delta` event: why it ended, and the usage. */
  change(event: JsonObject, out: AnswerEvent[]): void {
    const delta = event['delta'];
    if (isJsonObject(delta)) {
      this.#stop(delta);
      carry(unknownFields(delta, stopKeys), out);
    }
    for (const notice of noticesOf(event['notices'])) out.push({ kind: 'notice', notice });
    carry(unknownFields(event, eventKeys), out);
    this.#readUsage(event['usage'], out);
  }

  /** Ends the open blocks, and the answer where the host gave a reason. */
  end(out: AnswerEvent[]): void {
    if (this.#hasEnded) return;
    for (const place of this.#blocks.keys()) this.close(place, out);
    this.#hasEnded = true;
    if (this.#reason !== undefined) out.push({ kind: 'answer-end', answer: 0, ...this.#reason });
  }

  #stop(fields: JsonObject): void {
    const word = fields['stop_reason'];
    if (isText(word)) this.#reason = readStopReason(word, fields['stop_sequence'], fields['native_stop_reason']);
  }

  #readUsage(usage: Json | undefined, out: AnswerEvent[]): void {
    if (!isJsonObject(usage)) return;
    const told = Object.entries(usage).filter(([, value]) => value !== null);
    this.#usage = { ...this.#usage, ...Object.fromEntries(told) };
    out.push({ kind: 'usage', usage: readUsage(this.#usage) });
  }
}

/** Null says nothing in an answer. */
function carry(fields: JsonObject | undefined, out: AnswerEvent[]): void {
  const told = Object.entries(fields ?? {}).filter(([, value]) => value !== null);
  if (told.length === 0) return;
  out.push({ kind: 'carry', protocol: 'anthropic-messages', place: messagePlace, fields: Object.fromEntries(told) });
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '';
}
