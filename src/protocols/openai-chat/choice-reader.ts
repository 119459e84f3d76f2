import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { AnswerEvent, CarryEvent, PartDelta, PartOpening } from '../../model/event.ts';
import type { TokenLogprob } from '../../model/part.ts';
import { unknownFields } from '../wire/carried.ts';
import { readCitation } from './citations.ts';
import { isArray } from '../wire/fields.ts';
import { readFinishReason } from './finish-reason.ts';
import { readLogprobs } from '../wire/logprobs.ts';
import { readDetails, sealOf, signsText } from './reasoning-details.ts';
import type { ReasoningDetail } from './reasoning-details.ts';
import { ToolCallReader } from './tool-call-reader.ts';

const choiceKeys = new Set(['index', 'delta', 'message', 'finish_reason', 'native_finish_reason', 'stop_reason', 'logprobs']);
const messageKeys = new Set([
  'role',
  'content',
  'refusal',
  'annotations',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'tool_calls',
  'function_call',
  'audio',
]);
const audioKeys = new Set(['id', 'data', 'transcript', 'expires_at']);

/** The part that plain deltas go to: one at a time, closed when another kind begins. */
interface OpenPart {
  readonly kind: 'text' | 'refusal' | 'reasoning';
  readonly index: number;
  /** Characters of the message before this part. */
  readonly offset: number;
  readonly detail: { readonly index: number | undefined; fields: JsonObject } | undefined;
}

/**
 * One answer, read from deltas. A whole message is one delta that holds everything, so the same reader serves both and they cannot differ.
 * Within one delta the order is that of the wire: thoughts, text, annotations, refusal, sound, tool calls.
 */
export class ChoiceReader {
  readonly #answer: number;
  readonly #calls: ToolCallReader;
  #parts = 0;
  #thoughts = 0;
  /** Characters of `content` so far. */
  #characters = 0;
  #open: OpenPart | undefined;
  #audio: number | undefined;
  #reason: Omit<Extract<AnswerEvent, { kind: 'answer-end' }>, 'kind' | 'answer'> | undefined;
  #ended = false;

  constructor(answer: number) {
    this.#answer = answer;
    this.#calls = new ToolCallReader(answer, () => this.#parts++);
  }

  /** Whether the host said that this answer is complete. */
  get isFinished(): boolean {
    return this.#reason !== undefined;
  }

  /** `choice` is one entry of `choices`, of a chunk or of a whole answer. */
  read(choice: JsonObject, out: AnswerEvent[]): void {
    if (this.#ended) return;
    const delta = choice['delta'] ?? choice['message'];
    if (isJsonObject(delta)) this.#readDelta(delta, choice['logprobs'], out);
    const word = choice['finish_reason'];
    if (typeof word === 'string' && word !== '') {
      const stop = choice['stop_reason'];
      this.#reason = {
        ...readFinishReason(word, choice['native_finish_reason']),
        // vLLM names the stop text here; null or a token id otherwise.
        ...(typeof stop === 'string' ? { stopSequence: stop } : {}),
      };
    }
    this.#carry('choice', unknownFields(choice, choiceKeys), out);
  }

  /** One more piece of the open part; undefined where none is open that goes on like this. */
  goOn(word: string): readonly AnswerEvent[] | undefined {
    const open = this.#open;
    if (open === undefined || this.#ended) return undefined;
    const out: AnswerEvent[] = [];
    if (open.kind === 'reasoning') this.#delta(open.index, { kind: 'reasoning', text: word }, out);
    else this.#text(open.kind, word, undefined, out);
    return out;
  }

  /** Ends the open parts, and the answer where the host gave a reason. A reason may come before the last delta, so it waits until here. */
  end(out: AnswerEvent[]): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#close(out);
    if (this.#audio !== undefined) out.push({ kind: 'part-end', answer: this.#answer, index: this.#audio });
    this.#calls.end(out);
    if (this.#reason !== undefined) out.push({ kind: 'answer-end', answer: this.#answer, ...this.#reason });
  }

  #readDelta(delta: JsonObject, logprobs: Json | undefined, out: AnswerEvent[]): void {
    const probabilities = isJsonObject(logprobs) ? logprobs : undefined;
    const thinks = this.#readReasoning(delta, out);
    const calls = delta['tool_calls'];
    const hasCalls = isArray(calls) && calls.length > 0;
    const tokens = readLogprobs(probabilities?.['content']);
    // A token may be no text yet (a piece of a character); its figures then go with an empty text. Those of thoughts and calls have no place.
    this.#readContent(delta['content'], thinks || hasCalls ? undefined : tokens, tokens, out);
    this.#readAnnotations(delta['annotations'], out);
    const refusal = delta['refusal'];
    if (typeof refusal === 'string' && refusal !== '') {
      this.#text('refusal', refusal, readLogprobs(probabilities?.['refusal']), out);
    }
    this.#readAudio(delta['audio'], out);
    if (hasCalls || isJsonObject(delta['function_call'])) this.#close(out);
    this.#calls.read(calls, out);
    this.#calls.readFunctionCall(delta['function_call'], out);
    this.#carry('message', unknownFields(delta, messageKeys), out);
  }

  /** True where the delta held a thought. The three names say the same; details are preferred where they have the text too. */
  #readReasoning(delta: JsonObject, out: AnswerEvent[]): boolean {
    const first = delta['reasoning_content'];
    const second = delta['reasoning'];
    const plain = typeof first === 'string' && first !== '' ? first : typeof second === 'string' ? second : '';
    const details = readDetails(delta['reasoning_details']);
    if (plain === '' && details.length === 0) return false;
    if (plain !== '' && !details.some((detail) => detail.text !== '')) {
      this.#think({ text: plain, index: undefined, fields: {} }, out);
    }
    for (const detail of details) this.#think(detail, out);
    return true;
  }

  #think(detail: ReasoningDetail, out: AnswerEvent[]): void {
    const part = this.#continues(detail) ? this.#open : undefined;
    const open = part ?? this.#start('reasoning', detail, out);
    if (open?.detail !== undefined) open.detail.fields = { ...open.detail.fields, ...detail.fields };
    if (detail.text !== '' && open !== undefined) this.#delta(open.index, { kind: 'reasoning', text: detail.text }, out);
  }

  /** Whether a piece goes on with the open thought: not after its signature, not under another index, and never when it is encrypted. */
  #continues(detail: ReasoningDetail): boolean {
    const open = this.#open?.kind === 'reasoning' ? this.#open.detail : undefined;
    if (open === undefined) return false;
    if (detail.index !== undefined && open.index !== undefined && detail.index !== open.index) return false;
    const isSigned = open.fields['signature'] !== undefined || open.fields['seal'] !== undefined;
    if (isSigned || open.fields['data'] !== undefined) return false;
    return Object.keys(detail.fields).length === 0 ? !isSummary(open.fields) : signsText(detail.fields);
  }

  #readContent(
    content: Json | undefined,
    tokensWithoutText: readonly TokenLogprob[] | undefined,
    tokens: readonly TokenLogprob[] | undefined,
    out: AnswerEvent[],
  ): void {
    if (typeof content === 'string' && content !== '') this.#text('text', content, tokens, out);
    else if (isArray(content)) this.#readContentParts(content, out);
    else if (tokensWithoutText !== undefined) this.#text('text', '', tokensWithoutText, out);
  }

  /** Content as parts, which this wire has only in requests and some servers send in answers. */
  #readContentParts(parts: readonly Json[], out: AnswerEvent[]): void {
    for (const part of parts) {
      if (!isJsonObject(part)) continue;
      if (part['type'] === 'text' && typeof part['text'] === 'string') this.#text('text', part['text'], undefined, out);
      else {
        this.#close(out);
        const at = { answer: this.#answer, index: this.#parts++ };
        out.push({ kind: 'part-start', ...at, part: { kind: 'opaque', protocol: 'openai-chat', value: part } });
        out.push({ kind: 'part-end', ...at });
      }
    }
  }

  #text(kind: 'text' | 'refusal', text: string, logprobs: readonly TokenLogprob[] | undefined, out: AnswerEvent[]): void {
    const open = this.#open?.kind === kind ? this.#open : this.#start(kind, undefined, out);
    if (kind === 'text') this.#characters += text.length;
    this.#delta(open.index, logprobs === undefined ? { kind: 'text', text } : { kind: 'text', text, logprobs }, out);
  }

  /** Citations of the open text; others are carried as they came. */
  #readAnnotations(value: Json | undefined, out: AnswerEvent[]): void {
    if (!isArray(value) || value.length === 0) return;
    const others: Json[] = [];
    for (const annotation of value) {
      const open = this.#open?.kind === 'text' ? this.#open : undefined;
      const citation = open === undefined ? undefined : readCitation(annotation, open.offset);
      if (open === undefined || citation === undefined) others.push(annotation);
      else this.#delta(open.index, { kind: 'citation', citation }, out);
    }
    if (others.length > 0) this.#carry('message', { annotations: others }, out);
  }

  /** Sound runs beside the text: Qwen's omni models send both in turns, so neither closes the other. */
  #readAudio(value: Json | undefined, out: AnswerEvent[]): void {
    if (!isJsonObject(value)) return;
    const { id, data, transcript, expires_at: expiresAt } = value;
    if (this.#audio === undefined) {
      this.#audio = this.#parts++;
      const opening: PartOpening = {
        kind: 'media',
        medium: 'audio',
        ...(typeof id === 'string' && id !== '' ? { id } : {}),
        ...(typeof expiresAt === 'number' ? { expiresAt } : {}),
      };
      out.push({ kind: 'part-start', answer: this.#answer, index: this.#audio, part: opening });
    } else if (typeof expiresAt === 'number') {
      // OpenAI tells the expiry last; a part that has begun cannot take it.
      this.#carry('message', { audio: { expires_at: expiresAt } }, out);
    }
    const base64 = typeof data === 'string' && data !== '' ? { base64: data } : {};
    const words = typeof transcript === 'string' && transcript !== '' ? { transcript } : {};
    const delta: PartDelta = { kind: 'media', ...base64, ...words };
    if (Object.keys(delta).length > 1) this.#delta(this.#audio, delta, out);
    const extras = unknownFields(value, audioKeys);
    if (extras !== undefined) this.#carry('message', { audio: extras }, out);
  }

  #start(kind: OpenPart['kind'], detail: ReasoningDetail | undefined, out: AnswerEvent[]): OpenPart {
    this.#close(out);
    const index = this.#parts++;
    const gathered = kind === 'reasoning' ? { index: detail?.index, fields: {} } : undefined;
    const open: OpenPart = { kind, index, offset: this.#characters, detail: gathered };
    this.#open = open;
    out.push({ kind: 'part-start', answer: this.#answer, index, part: { kind } });
    return open;
  }

  #close(out: AnswerEvent[]): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    if (open.detail !== undefined) {
      const seal = sealOf(open.detail.fields, open.detail.index, this.#thoughts++);
      if (seal !== undefined) this.#delta(open.index, { kind: 'seal', seal }, out);
    }
    out.push({ kind: 'part-end', answer: this.#answer, index: open.index });
  }

  #delta(index: number, delta: PartDelta, out: AnswerEvent[]): void {
    out.push({ kind: 'part-delta', answer: this.#answer, index, delta });
  }

  #carry(place: 'choice' | 'message', fields: JsonObject | undefined, out: AnswerEvent[]): void {
    const carry = carryEvent(place, fields, this.#answer);
    if (carry !== undefined) out.push(carry);
  }
}

/** Null says nothing in an answer; vLLM sends a dozen of them. */
export function carryEvent(place: CarryPlace, fields: JsonObject | undefined, answer?: number): CarryEvent | undefined {
  if (fields === undefined) return undefined;
  const told = Object.entries(fields).filter(([, value]) => value !== null);
  if (told.length === 0) return undefined;
  const of = answer === undefined ? {} : { answer };
  return { kind: 'carry', protocol: 'openai-chat', place, ...of, fields: Object.fromEntries(told) };
}

/** Where carried fields of an answer stand: beside `choices`, in one choice, in its message or delta. */
export type CarryPlace = 'body' | 'choice' | 'message';

function isSummary(fields: JsonObject): boolean {
  return fields['type'] === 'reasoning.summary';
}
