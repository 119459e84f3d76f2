import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { AnswerEvent } from '../../model/event.ts';
import { unknownFields } from '../wire/carried.ts';
import { carryOf } from './carry-of.ts';
import { isArray } from '../wire/fields.ts';

const callKeys = new Set(['id', 'index', 'type', 'function']);
const functionKeys = new Set(['name', 'arguments']);

interface OpenCall {
  readonly place: number;
  id: string | undefined;
  name: string;
  /** Arguments that came before the name. */
  early: string;
  /** Index of the part once it was opened. */
  part: number | undefined;
  outer: JsonObject | undefined;
  inner: JsonObject | undefined;
  /** Pieces of a call of another type than `function`, kept whole. */
  foreign: JsonObject | undefined;
}

/**
 * The tool calls of one answer, from deltas in all the forms that servers send: with and without index, id and type; the id repeated in
 * each delta; the name after the id; all parallel calls under index 0 with ids of their own (seen at Gemini's compatible endpoint);
 * arguments as an object; several calls interleaved. A call stays open until the answer ends, because its index may come again.
 */
export class ToolCallReader {
  readonly #answer: number;
  readonly #takeIndex: () => number;
  readonly #calls: OpenCall[] = [];

  /** `takeIndex` gives the index of the next part of this answer. */
  constructor(answer: number, takeIndex: () => number) {
    this.#answer = answer;
    this.#takeIndex = takeIndex;
  }

  read(value: Json | undefined, out: AnswerEvent[]): void {
    if (!isArray(value)) return;
    for (const entry of value) if (isJsonObject(entry)) this.#readEntry(entry, out);
  }

  /** The one call of the form before 2023-11. */
  readFunctionCall(value: Json | undefined, out: AnswerEvent[]): void {
    if (isJsonObject(value)) this.#readEntry({ index: -1, function: value }, out);
  }

  end(out: AnswerEvent[]): void {
    for (const call of this.#calls) {
      if (call.foreign !== undefined) this.#endForeign(call.foreign, out);
      else {
        this.#open(call, out);
        if (call.part !== undefined) out.push({ kind: 'part-end', answer: this.#answer, index: call.part });
      }
    }
    this.#calls.length = 0;
  }

  #readEntry(entry: JsonObject, out: AnswerEvent[]): void {
    const call = this.#find(entry);
    const type = entry['type'];
    if (call.foreign !== undefined || (typeof type === 'string' && type !== 'function' && type !== '')) {
      call.foreign = call.foreign === undefined ? entry : gather(call.foreign, entry);
      return;
    }
    const inner = isJsonObject(entry['function']) ? entry['function'] : {};
    call.id ??= text(entry['id']);
    const name = text(inner['name']);
    if (call.name === '' && name !== undefined) call.name = name;
    call.outer ??= unknownFields(entry, callKeys);
    call.inner ??= unknownFields(inner, functionKeys);
    const piece = argumentsText(inner['arguments']);
    if (call.part === undefined) {
      call.early += piece;
      if (call.name !== '') this.#open(call, out);
    } else if (piece !== '') this.#push(call.part, piece, out);
  }

  /** The call that a delta belongs to, or a new one. */
  #find(entry: JsonObject): OpenCall {
    const place = entry['index'];
    const id = text(entry['id']);
    const named = isJsonObject(entry['function']) && text(entry['function']['name']) !== undefined;
    const known = typeof place === 'number' ? this.#atPlace(place) : this.#withId(id, named);
    const isAnother = known?.id !== undefined && id !== undefined && id !== known.id && named;
    if (known !== undefined && !isAnother) return known;
    const call: OpenCall = {
      place: typeof place === 'number' ? place : this.#calls.length,
      id: undefined,
      name: '',
      early: '',
      part: undefined,
      outer: undefined,
      inner: undefined,
      foreign: undefined,
    };
    this.#calls.push(call);
    return call;
  }

  #atPlace(place: number): OpenCall | undefined {
    return this.#calls.findLast((call) => call.place === place);
  }

  #withId(id: string | undefined, named: boolean): OpenCall | undefined {
    const known = id === undefined ? undefined : this.#calls.find((call) => call.id === id);
    return known ?? (named || id !== undefined ? undefined : this.#calls.at(-1));
  }

  #open(call: OpenCall, out: AnswerEvent[]): void {
    if (call.part !== undefined) return;
    const index = this.#takeIndex();
    call.part = index;
    out.push({
      kind: 'part-start',
      answer: this.#answer,
      index,
      part: {
        kind: 'tool-call',
        callId: call.id ?? `call_${this.#answer}_${this.#calls.indexOf(call)}`,
        name: call.name,
        ranBy: 'caller',
        ...carryOf(call.outer, { function: call.inner }),
      },
    });
    if (call.early !== '') this.#push(index, call.early, out);
    call.early = '';
  }

  #push(index: number, piece: string, out: AnswerEvent[]): void {
    out.push({ kind: 'part-delta', answer: this.#answer, index, delta: { kind: 'arguments', text: piece } });
  }

  #endForeign(call: JsonObject, out: AnswerEvent[]): void {
    const index = this.#takeIndex();
    const { index: _, ...value } = call;
    const at = { answer: this.#answer, index };
    out.push({ kind: 'part-start', ...at, part: { kind: 'opaque', protocol: 'openai-chat', value: { tool_call: value } } });
    out.push({ kind: 'part-end', ...at });
  }
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Some servers send the arguments as the object that they mean. */
function argumentsText(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  return isJsonObject(value) ? JSON.stringify(value) : '';
}

/** `custom: {name, input}` in pieces: texts of the inner object are joined, everything else is replaced. */
function gather(known: JsonObject, piece: JsonObject): JsonObject {
  const type = known['type'];
  if (typeof type !== 'string') return { ...known, ...piece };
  const before = known[type];
  const next = piece[type];
  if (!isJsonObject(before) || !isJsonObject(next))
    return { ...known, ...piece, ...(before === undefined ? {} : { [type]: before }) };
  const input = `${text(before['input']) ?? ''}${text(next['input']) ?? ''}`;
  return { ...known, [type]: { ...before, ...next, input } };
}
