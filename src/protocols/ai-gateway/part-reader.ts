import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { AnswerEvent, PartDelta, PartOpening } from '../../model/event.ts';
import type { Citation } from '../../model/part.ts';
import { isArray } from '../wire/fields.ts';
import { readLogprobs } from '../wire/logprobs.ts';
import { carryOf } from './carry-of.ts';
import { formatOf, mediumOf } from './media-type.ts';
import { readMediaWords } from './read-file.ts';
import { readSeal, sealOfRest } from './seal.ts';
import { isList, isNumber, isTrue, Words } from './words.ts';

interface OpenPart {
  readonly index: number;
  readonly kind: 'text' | 'reasoning' | 'tool-call';
  /** Sources told inside of a text, which cites them. */
  readonly sources: JsonObject[];
  /** Metadata of a thought that no word of ours explains: its proof. */
  proof: JsonObject | undefined;
  seal: JsonObject | undefined;
  hasInput: boolean;
}

/** The content of one answer, from the parts of a stream. A whole reply is read as the stream that it could have been (read-answer.ts). */
export class PartReader {
  readonly #open = new Map<string, OpenPart>();
  #parts = 0;

  /** Reads one part of the content. Parts of a kind that is not known are kept as they are. */
  read(part: JsonObject, out: AnswerEvent[]): void {
    const { type } = part;
    switch (typeof type === 'string' ? type : '') {
      case 'text-start':
        this.#startText(part, out);
        return;
      case 'text-delta':
        this.#readText(part, out);
        return;
      case 'text-end':
        this.#endText(part, out);
        return;
      case 'reasoning-start':
      case 'reasoning-delta':
      case 'reasoning-end':
        this.#readReasoning(part, out);
        return;
      case 'tool-input-start':
        this.#startCall(part, textOf(part['id']), out);
        return;
      case 'tool-input-delta':
        this.#readInput(part, out);
        return;
      case 'tool-input-end':
        return;
      case 'tool-call':
        this.#readCall(part, out);
        return;
      case 'source':
        if (!this.#readSource(part)) this.#opaque(part, out);
        return;
      case 'file':
        if (!this.#readFile(part, out)) this.#opaque(part, out);
        return;
      default:
        this.#opaque(part, out);
    }
  }

  /** Ends whatever is open. */
  end(out: AnswerEvent[]): void {
    for (const [key, { kind }] of this.#open) {
      const id = key.slice(kind.length + 1);
      if (kind === 'text') this.#endText({ id }, out);
      else if (kind === 'reasoning') this.#readReasoning({ type: 'reasoning-end', id }, out);
      else this.#close(key, out);
    }
  }

  #startText(part: JsonObject, out: AnswerEvent[]): OpenPart {
    const words = new Words(part['providerMetadata']);
    const kind = words.take('flashmux', 'refusal', isTrue) === true ? 'refusal' : 'text';
    // Those of a whole text stand at its start as well, and are read with its words.
    words.take('flashmux', 'logprobs', isList);
    return this.#begin('text', part, { kind, ...itemOf(words), ...carryOf(undefined, { providerMetadata: words.rest() }) }, out);
  }

  #readText(part: JsonObject, out: AnswerEvent[]): void {
    const open = this.#find('text', part) ?? this.#startText({ id: part['id'] ?? '' }, out);
    const words = new Words(part['providerMetadata']);
    const logprobs = readLogprobs(words.take('flashmux', 'logprobs', isList));
    const text = textOf(part['delta']);
    push(open, { kind: 'text', text, ...(logprobs === undefined ? {} : { logprobs }) }, out);
  }

  /** Citations with positions name their source whole, so that a source told before them says nothing more. */
  #endText(part: JsonObject, out: AnswerEvent[]): void {
    const open = this.#find('text', part);
    if (open === undefined) return;
    const cited = isArray(part['citations']) ? part['citations'].filter(isJsonObject) : [];
    const citations = cited.map((one) => ({ source: one['source'], start: one['startIndex'], end: one['endIndex'] }));
    const ids = new Set(citations.map(({ source }) => (isJsonObject(source) ? source['id'] : undefined)));
    for (const source of open.sources) if (!ids.has(source['id'])) citations.push({ source, ...positionsOf(source) });
    for (const { source, start, end } of citations) {
      const citation = readCitation(source, start, end);
      if (citation !== undefined) push(open, { kind: 'citation', citation }, out);
    }
    this.#late(open, new Words(part['providerMetadata']), out);
    this.#close(keyOf('text', part), out);
  }

  #readReasoning(part: JsonObject, out: AnswerEvent[]): void {
    const words = new Words(part['providerMetadata']);
    const item = itemOf(words);
    const open = this.#find('reasoning', part) ?? this.#begin('reasoning', part, { kind: 'reasoning', ...item }, out);
    open.seal = words.take('flashmux', 'seal', isJsonObject) ?? open.seal;
    const rest = words.rest();
    if (rest !== undefined) open.proof = { ...open.proof, ...rest };
    const text = textOf(part['delta']);
    if (text !== '') push(open, { kind: 'reasoning', text }, out);
    if (part['type'] !== 'reasoning-end') return;
    const seal = open.seal === undefined ? sealOfRest(open.proof) : readSeal(open.seal);
    if (seal !== undefined) push(open, { kind: 'seal', seal }, out);
    if (open.seal !== undefined && open.proof !== undefined) carryLate(open, open.proof, out);
    this.#close(keyOf('reasoning', part), out);
  }

  #startCall(part: JsonObject, callId: string, out: AnswerEvent[]): OpenPart {
    const words = new Words(part['providerMetadata']);
    const isServer = words.take('flashmux', 'ranBy', isServerWord) !== undefined;
    const isForeign = part['providerExecuted'] === true;
    const opening: PartOpening = {
      kind: 'tool-call',
      callId,
      name: textOf(part['toolName']),
      ranBy: isForeign ? (isServer ? 'server' : 'provider') : 'caller',
      ...itemOf(words),
      ...carryOf(undefined, { providerMetadata: words.rest() }),
    };
    return this.#begin('tool-call', { id: callId }, opening, out);
  }

  #readInput(part: JsonObject, out: AnswerEvent[]): void {
    const open = this.#find('tool-call', part);
    const text = textOf(part['delta']);
    if (open === undefined || text === '') return;
    open.hasInput = true;
    push(open, { kind: 'arguments', text }, out);
  }

  /** The whole call, after its input in pieces or in place of it. */
  #readCall(part: JsonObject, out: AnswerEvent[]): void {
    const callId = textOf(part['toolCallId']);
    const place = { id: callId };
    const known = this.#find('tool-call', place);
    const open = known ?? this.#startCall(part, callId, out);
    const { input } = part;
    const text = typeof input === 'string' ? input : input === undefined ? '' : JSON.stringify(input);
    if (!open.hasInput && text !== '') push(open, { kind: 'arguments', text }, out);
    if (known !== undefined) this.#late(open, new Words(part['providerMetadata']), out);
    this.#close(keyOf('tool-call', place), out);
  }

  /** False where no text is open that could cite it. */
  #readSource(part: JsonObject): boolean {
    const open = [...this.#open.values()].findLast(({ kind }) => kind === 'text');
    if (open === undefined || readCitation(part, 0, 0) === undefined) return false;
    open.sources.push(part);
    return true;
  }

  #readFile(part: JsonObject, out: AnswerEvent[]): boolean {
    const { mediaType, data } = part;
    const base64 = typeof data === 'string' ? data : isJsonObject(data) && data['type'] === 'data' ? data['data'] : undefined;
    if (typeof mediaType !== 'string' || typeof base64 !== 'string') return false;
    const words = new Words(part['providerMetadata']);
    const { id, expiresAt, transcript } = readMediaWords(words);
    const format = formatOf(mediaType);
    const opening: PartOpening = {
      kind: 'media',
      medium: mediumOf(mediaType),
      ...(id === undefined ? {} : { id }),
      ...(format === undefined ? {} : { format }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
    const at = { answer: 0, index: this.#parts++ };
    out.push({ kind: 'part-start', ...at, part: opening });
    push(at, { kind: 'media', base64, ...(transcript === undefined ? {} : { transcript }) }, out);
    this.#late(at, words, out);
    out.push({ kind: 'part-end', ...at });
    return true;
  }

  #opaque(part: JsonObject, out: AnswerEvent[]): void {
    const at = { answer: 0, index: this.#parts++ };
    out.push({ kind: 'part-start', ...at, part: { kind: 'opaque', protocol: 'ai-gateway', value: part } });
    out.push({ kind: 'part-end', ...at });
  }

  /** Metadata that came after the part had begun. What was told at its start comes again with its end. */
  #late(open: Pick<OpenPart, 'index'>, words: Words, out: AnswerEvent[]): void {
    for (const word of ['refusal', 'ranBy', 'logprobs']) words.take('flashmux', word, isAnything);
    words.takeItemId();
    const rest = words.rest();
    if (rest !== undefined) carryLate(open, rest, out);
  }

  #begin(kind: OpenPart['kind'], part: JsonObject, opening: PartOpening, out: AnswerEvent[]): OpenPart {
    const open: OpenPart = { index: this.#parts++, kind, sources: [], proof: undefined, seal: undefined, hasInput: false };
    this.#open.set(keyOf(kind, part), open);
    out.push({ kind: 'part-start', answer: 0, index: open.index, part: opening });
    return open;
  }

  #find(kind: OpenPart['kind'], part: JsonObject): OpenPart | undefined {
    return this.#open.get(keyOf(kind, part));
  }

  #close(key: string, out: AnswerEvent[]): void {
    const open = this.#open.get(key);
    if (open === undefined) return;
    this.#open.delete(key);
    out.push({ kind: 'part-end', answer: 0, index: open.index });
  }
}

function keyOf(kind: OpenPart['kind'], part: JsonObject): string {
  return `${kind} ${textOf(part['id'])}`;
}

function push({ index }: Pick<OpenPart, 'index'>, delta: PartDelta, out: AnswerEvent[]): void {
  out.push({ kind: 'part-delta', answer: 0, index, delta });
}

function carryLate({ index }: Pick<OpenPart, 'index'>, fields: JsonObject, out: AnswerEvent[]): void {
  out.push({ kind: 'carry', protocol: 'ai-gateway', place: `content[${index}]`, answer: 0, fields });
}

function itemOf(words: Words): { readonly itemId?: string } {
  const itemId = words.takeItemId();
  return itemId === undefined ? {} : { itemId };
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Undefined for a source that is no address: a document of the caller's. */
function readCitation(source: Json | undefined, start: Json | undefined, end: Json | undefined): Citation | undefined {
  if (!isJsonObject(source) || source['sourceType'] !== 'url' || typeof source['url'] !== 'string') return undefined;
  const { url, title } = source;
  return { url, title: textOf(title), startIndex: position(start), endIndex: position(end) };
}

/** A host that tells no place means the text as a whole. */
function position(value: Json | undefined): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

function positionsOf(source: JsonObject): { readonly start: Json | undefined; readonly end: Json | undefined } {
  const words = new Words(source['providerMetadata']);
  return { start: words.take('flashmux', 'startIndex', isNumber), end: words.take('flashmux', 'endIndex', isNumber) };
}

function isServerWord(value: Json): value is 'server' {
  return value === 'server';
}

function isAnything(_value: Json): _value is Json {
  return true;
}
