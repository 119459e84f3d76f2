import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { AnswerEvent, CarryEvent } from '../../model/event.ts';
import type { Usage } from '../../model/usage.ts';
import { unknownFields } from '../wire/carried.ts';
import { carryEvent, ChoiceReader } from './choice-reader.ts';
import { isArray } from '../wire/fields.ts';
import { noticesOf } from '../wire/notice-objects.ts';
import { errorIn, readFault } from './read-fault.ts';
import { readUsage } from './read-usage.ts';

/** `obfuscation` is padding against traffic analysis: it says nothing. */
const bodyKeys = new Set(['id', 'object', 'created', 'model', 'provider', 'choices', 'usage', 'notices', 'meta', 'obfuscation']);

/** `n` may be up to 128, so no choice has a greater index. */
const maxAnswers = 128;

/** What a stream and a whole answer have in common: both are bodies with `choices`, read by the same readers. */
export class BodyReader {
  readonly #choices = new Map<number, ChoiceReader>();
  readonly #carried = new Map<string, string>();
  #started = false;
  #last: ChoiceReader | undefined;

  /** The events of one chunk or of a whole answer. Throws the fault where the body is an error. */
  read(body: JsonObject): AnswerEvent[] {
    if (errorIn(body) !== undefined) throw readFault(0, body);
    const out: AnswerEvent[] = [];
    if (!this.#started) {
      this.#started = true;
      out.push({ kind: 'answer-start', ...startOf(body) });
    }
    for (const notice of noticesOf(body['notices'])) out.push({ kind: 'notice', notice });
    const carry = carryEvent('body', unknownFields(body, bodyKeys));
    if (carry !== undefined) out.push(carry);
    const choices = body['choices'];
    if (isArray(choices)) {
      for (const [place, choice] of choices.entries()) if (isJsonObject(choice)) this.#readChoice(choice, place, out);
    }
    const usage = body['usage'];
    if (isJsonObject(usage)) out.push({ kind: 'usage', usage: withMeta(readUsage(usage), body['meta']) });
    return this.#withoutRepeats(out);
  }

  /** What a body says that is the one before, which said nothing but a word, with another word in its place. Undefined: nothing is open. */
  goOn(word: string): readonly AnswerEvent[] | undefined {
    return this.#last?.goOn(word);
  }

  get hasStarted(): boolean {
    return this.#choices.size > 0;
  }

  get isFinished(): boolean {
    return [...this.#choices.values()].every((choice) => choice.isFinished);
  }

  end(): AnswerEvent[] {
    const out: AnswerEvent[] = [];
    for (const choice of this.#choices.values()) choice.end(out);
    return out;
  }

  #readChoice(choice: JsonObject, place: number, out: AnswerEvent[]): void {
    // OpenRouter can put the error into the choice.
    if (isJsonObject(choice['error'])) throw readFault(0, { error: choice['error'] });
    const given = choice['index'];
    const number = typeof given === 'number' ? given : place;
    if (!Number.isInteger(number) || number < 0 || number >= maxAnswers) return;
    let reader = this.#choices.get(number);
    if (reader === undefined) {
      reader = new ChoiceReader(number);
      this.#choices.set(number, reader);
    }
    this.#last = reader;
    reader.read(choice, out);
  }

  /** Hosts repeat `service_tier` and the like in every chunk; told once they are known. */
  #withoutRepeats(events: AnswerEvent[]): AnswerEvent[] {
    if (!events.some((event) => event.kind === 'carry')) return events;
    return events.filter((event) => event.kind !== 'carry' || this.#isNew(event));
  }

  #isNew(carry: CarryEvent): boolean {
    const key = `${carry.place} ${carry.answer ?? ''} ${Object.keys(carry.fields).join(' ')}`;
    const value = JSON.stringify(carry.fields);
    if (this.#carried.get(key) === value) return false;
    this.#carried.set(key, value);
    return true;
  }
}

/** AI/ML API tells its price beside the usage: it belongs to the host's account. */
function withMeta(usage: Usage, meta: Json | undefined): Usage {
  return isJsonObject(meta) ? { ...usage, raw: { ...usage.raw, meta } } : usage;
}

function startOf(body: JsonObject): Omit<Extract<AnswerEvent, { kind: 'answer-start' }>, 'kind'> {
  const { id, model, provider, created } = body;
  return {
    ...(isText(id) ? { id } : {}),
    ...(isText(model) ? { model } : {}),
    ...(isText(provider) ? { provider } : {}),
    ...(typeof created === 'number' && created > 0 ? { createdAt: created } : {}),
  };
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '';
}
