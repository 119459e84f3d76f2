import type { AnswerEvent, PartDelta, PartOpening } from '../../model/event.ts';
import { isJsonObject, parseJson } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Carry } from '../../model/protocol.ts';
import { unknownFields } from '../wire/carried.ts';
import { isArray } from '../wire/fields.ts';
import { carryOf } from './carry-of.ts';
import { readCitation } from './citations.ts';
import { isDirect } from './read-content.ts';
import { readSignature, redactedSeal } from './signature.ts';
import { readInput } from './tool-input.ts';
import { contentPlace } from './write-answer.ts';

const textKeys = new Set(['type', 'text', 'citations']);
const thinkingKeys = new Set(['type', 'thinking', 'signature']);
const redactedKeys = new Set(['type', 'data']);
const callKeys = new Set(['type', 'id', 'name', 'input', 'caller']);

/**
 * One content block of an answer, from its start, its deltas and its stop. A block of a whole answer is a start that holds everything, so
 * the same reader serves both and they cannot differ. `out` gets the events of one part.
 */
export class BlockReader {
  readonly #index: number;
  readonly #kind: 'text' | 'reasoning' | 'tool-call' | 'opaque';
  /** A block without a kind here, gathered until it is whole: an opaque part has no deltas. */
  #gathered: JsonObject;
  #inputText = '';
  #hasInput = false;
  #signature = '';
  /** Citations that point into documents of the request: the model has no word for them, so they are carried. */
  readonly #citations: Json[] = [];

  /** `index`: that of the part. */
  constructor(block: JsonObject, index: number, out: AnswerEvent[]) {
    this.#index = index;
    this.#gathered = block;
    const type = block['type'];
    const isCall = type === 'tool_use' && isText(block['id']) && isText(block['name']);
    this.#kind =
      type === 'text'
        ? 'text'
        : type === 'thinking' || type === 'redacted_thinking'
          ? 'reasoning'
          : isCall
            ? 'tool-call'
            : 'opaque';
    this.#open(block, out);
  }

  delta(delta: JsonObject, out: AnswerEvent[]): void {
    const { text, thinking, partial_json: json, citation, signature } = delta;
    switch (this.#kind) {
      case 'text':
        if (isText(text)) this.#push({ kind: 'text', text }, out);
        if (citation !== undefined) this.#cite(citation, out);
        return;
      case 'reasoning':
        if (isText(thinking)) this.#push({ kind: 'reasoning', text: thinking }, out);
        if (isText(signature)) this.#signature = signature;
        return;
      case 'tool-call':
        if (!isText(json)) return;
        this.#hasInput = true;
        this.#push({ kind: 'arguments', text: json }, out);
        return;
      case 'opaque':
        this.#gather(delta);
        return;
    }
  }

  close(out: AnswerEvent[]): void {
    if (this.#kind === 'opaque') this.#start({ kind: 'opaque', protocol: 'anthropic-messages', value: this.#whole() }, out);
    const input = this.#gathered['input'];
    if (this.#kind === 'tool-call' && !this.#hasInput && isJsonObject(input)) {
      // A server that sends the input at once sends it in the start; an empty one is what every start has.
      this.#push({ kind: 'arguments', text: readInput(input) }, out);
    }
    const seal = this.#kind === 'reasoning' ? this.#sealOf() : undefined;
    if (seal !== undefined) this.#push({ kind: 'seal', seal }, out);
    if (this.#citations.length > 0) {
      const fields = { citations: this.#citations };
      out.push({ kind: 'carry', protocol: 'anthropic-messages', place: contentPlace(this.#index), fields });
    }
    out.push({ kind: 'part-end', answer: 0, index: this.#index });
  }

  #open(block: JsonObject, out: AnswerEvent[]): void {
    const { id, name, text, thinking, citations, signature, caller } = block;
    switch (this.#kind) {
      case 'text':
        this.#start({ kind: 'text', ...carried(block, textKeys) }, out);
        if (isText(text)) this.#push({ kind: 'text', text }, out);
        for (const citation of isArray(citations) ? citations : []) this.#cite(citation, out);
        return;
      case 'reasoning':
        this.#start({ kind: 'reasoning', ...carried(block, block['type'] === 'thinking' ? thinkingKeys : redactedKeys) }, out);
        if (isText(thinking)) this.#push({ kind: 'reasoning', text: thinking }, out);
        if (isText(signature)) this.#signature = signature;
        return;
      case 'tool-call': {
        const other = isDirect(caller) || !isJsonObject(caller) ? undefined : caller;
        const carry = carried(block, callKeys, { caller: other });
        const callId = isText(id) ? id : '';
        this.#start({ kind: 'tool-call', callId, name: isText(name) ? name : '', ranBy: 'caller', ...carry }, out);
        return;
      }
      case 'opaque':
        return;
    }
  }

  #sealOf(): Extract<PartDelta, { kind: 'seal' }>['seal'] | undefined {
    const data = this.#gathered['data'];
    if (this.#gathered['type'] === 'redacted_thinking') return typeof data === 'string' ? redactedSeal(data) : undefined;
    return readSignature(this.#signature);
  }

  #cite(value: Json, out: AnswerEvent[]): void {
    const citation = readCitation(value);
    if (citation === undefined) this.#citations.push(value);
    else this.#push({ kind: 'citation', citation }, out);
  }

  /** Texts of an unknown block are joined, everything else is replaced; `partial_json` is the text of its `input`. */
  #gather({ type: _, ...delta }: JsonObject): void {
    const { partial_json: json, ...others } = delta;
    if (typeof json === 'string') this.#inputText += json;
    for (const [key, piece] of Object.entries(others)) {
      const before = this.#gathered[key];
      const joined = typeof before === 'string' && typeof piece === 'string' ? before + piece : piece;
      this.#gathered = { ...this.#gathered, ...Object.fromEntries([[key, joined]]) };
    }
  }

  #whole(): JsonObject {
    if (this.#inputText === '') return this.#gathered;
    return { ...this.#gathered, input: parseJson(this.#inputText) ?? this.#inputText };
  }

  #start(part: PartOpening, out: AnswerEvent[]): void {
    out.push({ kind: 'part-start', answer: 0, index: this.#index, part });
  }

  #push(delta: PartDelta, out: AnswerEvent[]): void {
    out.push({ kind: 'part-delta', answer: 0, index: this.#index, delta });
  }
}

/** Null says nothing in an answer. */
function carried(
  block: JsonObject,
  known: ReadonlySet<string>,
  inner: Readonly<Record<string, JsonObject | undefined>> = {},
): { readonly carry?: Carry } {
  const told = Object.entries(unknownFields(block, known) ?? {}).filter(([, value]) => value !== null);
  return carryOf(told.length === 0 ? undefined : Object.fromEntries(told), inner);
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '';
}
