import type { AnswerEnd, AnswerEvent } from '../../model/event.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { noticesOf } from '../wire/notice-objects.ts';
import { isArray } from '../wire/fields.ts';
import { CallReader } from './call-reader.ts';
import { echoedFields } from './echoed-fields.ts';
import { AnswerParts, fieldsBeyond, ForeignReader, place, text, typeOf } from './item-reader.ts';
import type { ItemReader } from './item-reader.ts';
import { MessageReader } from './message-reader.ts';
import { readFault } from './read-fault.ts';
import { readUsage } from './read-usage.ts';
import { ReasoningReader } from './reasoning-reader.ts';

/** What has a word in the model, or is none. */
const responseKeys = [
  'id',
  'object',
  'created_at',
  'completed_at',
  'model',
  'status',
  'output',
  'output_text',
  'error',
  'incomplete_details',
  'usage',
  'provider',
  'meta',
  'notices',
  'native_finish_reason',
  'stop_reason',
  'access_programs',
  // vLLM repeats its own options too.
  'top_k',
  'frequency_penalty',
  'presence_penalty',
];
const knownKeys = new Set([...responseKeys, ...echoedFields]);
// The tier that served the answer may be another than the one that was asked for.
knownKeys.delete('service_tier');

/** Calls that wait for the caller: a response that has one ended for them. */
const awaited = new Set(['function_call', 'custom_tool_call']);

/** An item that is not finished, as it was when it began. */
interface OpenItem {
  readonly item: JsonObject;
  readonly reader: ItemReader;
}

/** One response as the events of an answer, from the events of a stream or from the whole object. */
export class ResponseReader {
  readonly #parts = new AnswerParts();
  readonly #items = new Map<number, OpenItem>();
  readonly #seen = new Set<number>();
  #started = false;
  #ended = false;
  #awaits = false;

  get isStarted(): boolean {
    return this.#started;
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  start(response: JsonObject, out: AnswerEvent[]): void {
    if (this.#started) return;
    this.#started = true;
    const { created_at: createdAt } = response;
    const [id, model, provider] = [text(response['id']), text(response['model']), text(response['provider'])];
    out.push({
      kind: 'answer-start',
      ...(id === undefined ? {} : { id }),
      ...(model === undefined ? {} : { model }),
      ...(provider === undefined ? {} : { provider }),
      ...(typeof createdAt === 'number' && createdAt > 0 ? { createdAt } : {}),
    });
  }

  added(event: JsonObject, out: AnswerEvent[]): void {
    const { item } = event;
    const index = place(event['output_index']);
    if (!isJsonObject(item) || this.#seen.has(index)) return;
    this.#seen.add(index);
    this.#items.set(index, { item, reader: this.#reader(item, out) });
    if (awaited.has(typeOf(item))) this.#awaits = true;
  }

  /** An event inside an item. */
  within(event: JsonObject, out: AnswerEvent[]): void {
    this.#items.get(place(event['output_index']))?.reader.read(event, out);
  }

  done(event: JsonObject, out: AnswerEvent[]): void {
    this.added(event, out);
    const { item } = event;
    const index = place(event['output_index']);
    const open = this.#items.get(index);
    if (open === undefined || !isJsonObject(item)) return;
    this.#items.delete(index);
    open.reader.done(item, out);
  }

  /**
   * The response as it ended. Items that no event told are read from it, and open ones end as it has them. Throws the fault of a
   * response that failed.
   */
  end(response: JsonObject, out: AnswerEvent[]): void {
    if (this.#ended) return;
    if (isJsonObject(response['error'])) throw readFault(0, response);
    this.start(response, out);
    this.#ended = true;
    const { output, usage } = response;
    for (const [index, item] of isArray(output) ? output.entries() : []) this.done({ output_index: index, item }, out);
    for (const { reader, item } of this.#items.values()) reader.done(item, out);
    this.#items.clear();
    for (const notice of noticesOf(response['notices'])) out.push({ kind: 'notice', notice });
    const fields = fieldsBeyond(response, knownKeys);
    if (fields !== undefined) out.push({ kind: 'carry', protocol: 'openai-responses', place: 'body', fields });
    const reason = readReason(response, this.#awaits);
    if (reason !== undefined) out.push({ kind: 'answer-end', answer: 0, ...reason });
    if (isJsonObject(usage)) out.push({ kind: 'usage', usage: withMeta(readUsage(usage), response['meta']) });
  }

  #reader(item: JsonObject, out: AnswerEvent[]): ItemReader {
    switch (typeOf(item)) {
      case 'message':
        return new MessageReader(item, this.#parts);
      case 'reasoning':
        return new ReasoningReader(item, this.#parts, out);
      case 'function_call':
        return new CallReader(item, this.#parts, out);
      default:
        return new ForeignReader(this.#parts);
    }
  }
}

type Reason = Omit<AnswerEnd, 'kind' | 'answer'>;

/** Undefined for a response that was cut before its host gave a reason. */
function readReason(response: JsonObject, awaits: boolean): Reason | undefined {
  const native = text(response['native_finish_reason']);
  const stop = text(response['stop_reason']);
  const told = {
    ...(native === undefined ? {} : { providerReason: native }),
    ...(stop === undefined ? {} : { stopSequence: stop }),
  };
  const { status, incomplete_details: details } = response;
  if (status === 'completed' || status === undefined || status === null)
    return { reason: awaits ? 'tool-calls' : 'stop', ...told };
  if (status === 'failed') return { reason: 'error', ...told };
  const word = isJsonObject(details) ? text(details['reason']) : text(status);
  if (word === undefined || word === 'incomplete') return undefined;
  switch (word) {
    case 'max_output_tokens':
      return { reason: 'length', ...told };
    case 'content_filter':
      return { reason: 'content-filter', ...told };
    default:
      return { reason: 'other', providerReason: word, ...told };
  }
}

/** The price of a flashmux that is our upstream belongs to its account with us. */
function withMeta(usage: ReturnType<typeof readUsage>, meta: Json | undefined): ReturnType<typeof readUsage> {
  return isJsonObject(meta) ? { ...usage, raw: { ...usage.raw, meta } } : usage;
}
