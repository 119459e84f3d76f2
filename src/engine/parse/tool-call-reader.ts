import { isJsonObject, parseJson } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Tool } from '../../model/request.ts';
import { argumentTypes } from './argument-types.ts';
import type { JsonType } from './argument-types.ts';
import { argumentJson, isBare } from './argument-value.ts';
import { heldLength } from './held-text.ts';
import type { HeldText } from './held-text.ts';
import type { PartWriter } from './part-writer.ts';

export const callOpen = '<tool_call>';
const callClose = '</tool_call>';
const functionClose = '</function>';
const parameterClose = '</parameter>';
/** Models forget the tag after the last value now and then; no value of a well-formed call holds these two in a row. */
const functionAndCallClose = `${functionClose}\n${callClose}`;
const valueEndings = [parameterClose, functionAndCallClose];
const heldValueEndings = [...valueEndings, ...valueEndings.map((ending) => `\n${ending}`)];

export type CallProgress =
  /** It takes more text to go on. */
  | { readonly kind: 'more' }
  /** The block is over; what is left of the input is answer text. */
  | { readonly kind: 'done' }
  /** No call, or a call no longer: so many characters of the input are text as they stand. */
  | { readonly kind: 'text'; readonly length: number };

type State =
  | { readonly kind: 'header' }
  | { readonly kind: 'parameters' }
  | { readonly kind: 'bare-value'; readonly begun: boolean }
  | { readonly kind: 'json-value'; readonly types: ReadonlySet<JsonType> | undefined }
  | { readonly kind: 'after-function' };

/**
 * Reads one `<tool_call>` block from the front of the input and writes its calls as they come. Takes Qwen3.5's form
 * (`<function=NAME>`, `<parameter=P>` value `</parameter>`) and the older `{"name": ..., "arguments": {...}}`.
 *
 * Nothing is written before the name is whole, so what is no call stays text exactly as it was. A call that breaks later keeps
 * its arguments unclosed: a broken call must not look whole.
 */
export class ToolCallReader {
  readonly #writer: PartWriter;
  readonly #tools: readonly Tool[];
  readonly #newCallId: () => string;
  readonly #beforeCall: () => void;
  #state: State = { kind: 'header' };
  #parameters: JsonObject | undefined;
  #values = 0;
  #completed = 0;

  constructor(writer: PartWriter, tools: readonly Tool[], newCallId: () => string, beforeCall: () => void) {
    this.#writer = writer;
    this.#tools = tools;
    this.#newCallId = newCallId;
    this.#beforeCall = beforeCall;
  }

  /** How many calls were read to their end. */
  get completed(): number {
    return this.#completed;
  }

  /** The input begins with `<tool_call>` when a block begins. `atEnd`: no text follows. */
  read(input: HeldText, atEnd: boolean): CallProgress {
    for (;;) {
      const progress = this.#step(input, atEnd);
      if (progress === undefined) continue;
      if (progress.kind === 'more' && atEnd) return this.#cut(input);
      if (progress.kind !== 'more') this.#state = { kind: 'header' };
      return progress;
    }
  }

  #step(input: HeldText, atEnd: boolean): CallProgress | undefined {
    switch (this.#state.kind) {
      case 'header':
        return this.#readHeader(input, atEnd);
      case 'parameters':
        return this.#readParameter(input);
      case 'bare-value':
        return this.#readBareValue(input, this.#state.begun);
      case 'json-value':
        return this.#readJsonValue(input, this.#state.types);
      case 'after-function':
        return this.#readAfterFunction(input);
    }
  }

  #readHeader(input: HeldText, atEnd: boolean): CallProgress | undefined {
    const text = input.text;
    const body = text.slice(text.startsWith(callOpen) ? callOpen.length : 0).trimStart();
    const name = /^<function=([^<>\n]{1,256})>/.exec(body);
    if (name?.[1] !== undefined) {
      input.take(text.length - body.length + name[0].length);
      this.#start(name[1].trim());
      this.#state = { kind: 'parameters' };
      return undefined;
    }
    if (body.startsWith('{')) return this.#readJsonCall(input, body, atEnd);
    if (mayBecome(body, '<function=', 256)) return { kind: 'more' };
    return { kind: 'text', length: text.length - body.length };
  }

  #readJsonCall(input: HeldText, body: string, atEnd: boolean): CallProgress {
    const end = body.indexOf(callClose);
    if (end < 0 && !atEnd) return { kind: 'more' };
    const call = parseJson(end < 0 ? body : body.slice(0, end));
    const length = end < 0 ? input.text.length : input.text.length - body.length + end + callClose.length;
    if (!isJsonObject(call) || typeof call['name'] !== 'string' || call['name'] === '') return { kind: 'text', length };
    const argumentsText = argumentsOf(call['arguments']);
    if (argumentsText === undefined) return { kind: 'text', length };
    input.take(length);
    this.#start(call['name']);
    this.#writer.arguments(argumentsText);
    this.#writer.end();
    this.#completed++;
    return { kind: 'done' };
  }

  #readParameter(input: HeldText): CallProgress | undefined {
    skipSpace(input);
    const text = input.text;
    const parameter = /^<parameter=([^<>\n]{1,256})>/.exec(text);
    if (parameter?.[1] !== undefined) {
      input.take(parameter[0].length);
      const name = parameter[1].trim();
      const types = argumentTypes(this.#parameters, name);
      this.#writer.arguments(`${this.#values === 0 ? '{' : ','}${JSON.stringify(name)}:${isBare(types) ? '"' : ''}`);
      this.#values++;
      this.#state = isBare(types) ? { kind: 'bare-value', begun: false } : { kind: 'json-value', types };
      return undefined;
    }
    if (text.startsWith(functionClose)) {
      input.take(functionClose.length);
      this.#finish();
      this.#state = { kind: 'after-function' };
      return undefined;
    }
    if (text.startsWith(callClose)) {
      input.take(callClose.length);
      this.#finish();
      return { kind: 'done' };
    }
    if (mayBecome(text, '<parameter=', 256) || functionClose.startsWith(text) || callClose.startsWith(text))
      return { kind: 'more' };
    return this.#break();
  }

  #readBareValue(input: HeldText, begun: boolean): CallProgress | undefined {
    if (!begun) {
      if (input.text === '') return { kind: 'more' };
      if (input.text.startsWith('\n')) input.take(1);
      this.#state = { kind: 'bare-value', begun: true };
      return undefined;
    }
    const ending = firstEnding(input.text);
    if (ending === undefined) {
      const ready = input.text.length - heldLength(input.text, heldValueEndings);
      // Half of a surrogate pair would be escaped as such.
      const split = /[\uD800-\uDBFF]$/.test(input.text.slice(0, ready)) ? 1 : 0;
      this.#writer.arguments(inString(input.take(ready - split).text));
      return { kind: 'more' };
    }
    const value = input.take(ending.start).text;
    input.take(ending.text.length);
    this.#writer.arguments(`${inString(value.endsWith('\n') ? value.slice(0, -1) : value)}"`);
    return this.#endValue(ending.text);
  }

  #readJsonValue(input: HeldText, types: ReadonlySet<JsonType> | undefined): CallProgress | undefined {
    const ending = firstEnding(input.text);
    if (ending === undefined) return { kind: 'more' };
    const value = input.take(ending.start).text.replace(/^\n/, '').replace(/\n$/, '');
    input.take(ending.text.length);
    this.#writer.arguments(argumentJson(value, types));
    return this.#endValue(ending.text);
  }

  #endValue(ending: string): CallProgress | undefined {
    this.#state = { kind: 'parameters' };
    if (ending === parameterClose) return undefined;
    this.#finish();
    return { kind: 'done' };
  }

  /** Some models write all their calls into one block. */
  #readAfterFunction(input: HeldText): CallProgress | undefined {
    skipSpace(input);
    const text = input.text;
    if (text.startsWith('<function=')) {
      this.#state = { kind: 'header' };
      return undefined;
    }
    if (text.startsWith(callClose)) {
      input.take(callClose.length);
      return { kind: 'done' };
    }
    return callClose.startsWith(text) || '<function='.startsWith(text) ? { kind: 'more' } : { kind: 'done' };
  }

  /** The text ended in the middle of the block. */
  #cut(input: HeldText): CallProgress {
    const state = this.#state;
    this.#state = { kind: 'header' };
    if (state.kind === 'header') return { kind: 'text', length: input.text.length };
    if (state.kind === 'after-function') return { kind: 'done' };
    const rest = input.take(input.text.length).text;
    if (state.kind === 'bare-value') this.#writer.arguments(inString(rest));
    else if (state.kind === 'json-value') this.#writer.arguments(rest.trimStart());
    this.#writer.end();
    return { kind: 'text', length: 0 };
  }

  #start(name: string): void {
    this.#beforeCall();
    this.#parameters = this.#tools.find((tool) => tool.name === name)?.parameters;
    this.#values = 0;
    this.#writer.start({ kind: 'tool-call', callId: this.#newCallId(), name, ranBy: 'caller' });
  }

  #finish(): void {
    this.#writer.arguments(this.#values === 0 ? '{}' : '}');
    this.#writer.end();
    this.#completed++;
  }

  #break(): CallProgress {
    this.#writer.end();
    return { kind: 'text', length: 0 };
  }
}

/** The arguments of the older form: an object, or one written as a string. Undefined: neither. */
function argumentsOf(value: Json | undefined): string | undefined {
  if (value === undefined || value === null) return '{}';
  if (isJsonObject(value)) return JSON.stringify(value);
  return typeof value === 'string' && isJsonObject(parseJson(value)) ? value : undefined;
}

function firstEnding(text: string): { readonly text: string; readonly start: number } | undefined {
  const found = valueEndings.map((ending) => ({ text: ending, start: text.indexOf(ending) })).filter(({ start }) => start >= 0);
  return found.toSorted((one, other) => one.start - other.start)[0];
}

/** Whether the text is the beginning of an opening tag with a name of at most so many characters. */
function mayBecome(text: string, opening: string, nameLength: number): boolean {
  if (opening.startsWith(text)) return true;
  return text.startsWith(opening) && text.length - opening.length <= nameLength && !/[<>\n]/.test(text.slice(opening.length));
}

function inString(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function skipSpace(input: HeldText): void {
  input.take(input.text.length - input.text.trimStart().length);
}
