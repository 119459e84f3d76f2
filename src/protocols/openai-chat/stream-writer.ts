import type { AnswerEvent, AnswerStart, EventBatch, PartDelta, PartOpening, UsageEvent } from '../../model/event.ts';
import type { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Envelope, StreamWriter } from '../codec.ts';
import { withCarried } from '../wire/carried.ts';
import { writeCitation } from './citations.ts';
import { writeFinishReason } from './finish-reason.ts';
import { plainFlavour, type Flavour } from './flavour.ts';
import { writeLogprobs } from '../wire/logprobs.ts';
import { opaqueCall } from './opaque-call.ts';
import { writeEndEntry, writeSealEntry, writeTextEntry } from './reasoning-details.ts';
import { wire } from '../wire/said.ts';
import { writeRouting } from '../wire/told-routing.ts';
import { unsayable } from './write-answer.ts';
import { writeNotice } from '../wire/notice-objects.ts';
import { writeFault } from './write-fault.ts';
import { writeMeta, writeUsage } from './write-usage.ts';

/**
 * Chunks in the order that all measured clients take: role, deltas as they come, finish (`delta: {}`), usage (`choices: []`, only where
 * the request asked), `[DONE]`. A chunk has no `system_fingerprint` unless a host told one, because null there makes @openrouter/sdk
 * throw. Text is put together from a prepared head and the JSON of what changes, since this runs for every token.
 *
 * After a fault comes the error and then nothing: `[DONE]` would say that the answer is complete.
 */
export function streamWriter(envelope: Envelope, request: GenerateRequest): StreamWriter {
  return flavouredStreamWriter(envelope, request, plainFlavour);
}

export function flavouredStreamWriter(envelope: Envelope, { delivery }: GenerateRequest, flavour: Flavour): StreamWriter {
  return new ChunkWriter(envelope, delivery.kind === 'stream' && delivery.usage === true, flavour);
}

interface WrittenPart {
  readonly opening: PartOpening;
  /** Characters of the message before this part. */
  readonly offset: number;
  /** Place among the tool calls or among the thoughts of the answer. */
  readonly ordinal: number;
  /** True once the proof of a thought was written. */
  sealed: boolean;
}

class Written {
  /** False until the chunk with the role was written. */
  greeted = false;
  readonly parts = new Map<number, WrittenPart>();
  characters = 0;
  calls = 0;
  thoughts = 0;
  /** Index of the sound: a message has one place for it, and the base64 of two cannot be joined. */
  sound: number | undefined;
}

class ChunkWriter implements StreamWriter {
  readonly #envelope: Envelope;
  readonly #wantsUsage: boolean;
  readonly #flavour: Flavour;
  readonly #answers = new Map<number, Written>();
  #head: string;
  #usage: UsageEvent | undefined;
  /** What stands beside `choices` in the next chunk: notices and carried fields, as members with a comma before each. */
  #beside: JsonObject = {};
  #notices: Notice[] = [];
  #text = '';

  constructor(envelope: Envelope, wantsUsage: boolean, flavour: Flavour) {
    this.#envelope = envelope;
    this.#wantsUsage = wantsUsage;
    this.#flavour = flavour;
    this.#head = headOf(envelope, envelope.model, envelope.provider);
  }

  write(batch: EventBatch): string {
    for (const event of batch) this.#event(event);
    return this.#taken();
  }

  end(): string {
    if (this.#wantsUsage && this.#usage !== undefined) {
      const { usage, bill } = this.#usage;
      const meta = bill === undefined ? {} : { meta: writeMeta(bill, this.#envelope.creditsPerUsd) };
      const more = this.#flavour.usageFields?.(usage, bill);
      this.#beside = { ...this.#beside, usage: { ...writeUsage(usage, bill), ...more }, ...meta };
    }
    if (this.#hasBeside()) this.#text += `${this.#head}${this.#takeBeside()},"choices":[]}\n\n`;
    this.#text += 'data: [DONE]\n\n';
    return this.#taken();
  }

  fault(fault: FlashmuxError): string {
    const { requestId } = this.#envelope;
    const last = this.#flavour.lastChunk?.(fault, requestId);
    if (last === undefined) this.#text += `data: ${JSON.stringify(writeFault(fault, requestId))}\n\n`;
    else this.#text += `${this.#head},${JSON.stringify(last).slice(1)}\n\n`;
    return this.#taken();
  }

  #taken(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  #event(event: AnswerEvent): void {
    switch (event.kind) {
      case 'answer-start':
        this.#head = headOf(this.#envelope, event.model ?? this.#envelope.model, event.provider ?? this.#envelope.provider);
        this.#tellRouting(event);
        return;
      case 'part-start':
        this.#start(event.answer, event.index, event.part);
        return;
      case 'part-delta':
        this.#delta(event.answer, event.index, event.delta);
        return;
      case 'part-end':
        this.#end(event.answer, event.index);
        return;
      case 'usage':
        this.#usage = event;
        return;
      case 'notice':
        this.#notices.push(event.notice);
        return;
      case 'carry':
        if (event.protocol === 'openai-chat') this.#carry(event.place, event.answer ?? 0, event.fields);
        return;
      case 'answer-end': {
        const word = JSON.stringify(writeFinishReason(event.reason));
        const native = event.providerReason === undefined ? word : JSON.stringify(event.providerReason);
        const stop = event.stopSequence === undefined ? '' : `,"stop_reason":${JSON.stringify(event.stopSequence)}`;
        this.#chunk(event.answer, '', `,"finish_reason":${word},"native_finish_reason":${native}${stop}`);
        return;
      }
    }
  }

  #start(answer: number, index: number, opening: PartOpening): void {
    const written = this.#answer(answer);
    const isCall = opening.kind === 'tool-call' && opening.ranBy === 'caller';
    const call = opening.kind === 'opaque' ? opaqueCall(opening) : undefined;
    const ordinal = isCall || call !== undefined ? written.calls++ : opening.kind === 'reasoning' ? written.thoughts++ : 0;
    written.parts.set(index, { opening, offset: written.characters, ordinal, sealed: false });
    if (opening.kind === 'tool-call' && isCall) this.#startCall(answer, ordinal, opening);
    else if (opening.kind === 'media') this.#startMedia(answer, index, opening);
    else if (call !== undefined) this.#open(answer, `"tool_calls":${JSON.stringify([placed(call, ordinal)])}`);
    else if (opening.kind === 'opaque') this.#notices.push(unsayable(opening, answer, index));
  }

  #startCall(answer: number, ordinal: number, opening: Extract<PartOpening, { kind: 'tool-call' }>): void {
    const call = { index: ordinal, id: opening.callId, type: 'function', function: { name: opening.name, arguments: '' } };
    const fields = opening.carry?.protocol === 'openai-chat' ? opening.carry.fields : {};
    this.#open(answer, `"tool_calls":${JSON.stringify([withCarried(call, fields)])}`);
  }

  #startMedia(answer: number, index: number, opening: Extract<PartOpening, { kind: 'media' }>): void {
    const written = this.#answer(answer);
    if (opening.medium === 'audio') written.sound ??= index;
    if (written.sound !== index) this.#notices.push(unsayable(opening, answer, index));
    else this.#open(answer, `"audio":${JSON.stringify(wire({ id: opening.id, expires_at: opening.expiresAt }))}`);
  }

  #delta(answer: number, index: number, delta: PartDelta): void {
    const written = this.#answer(answer);
    const part = written.parts.get(index);
    if (part === undefined) return;
    switch (delta.kind) {
      case 'text': {
        const isRefusal = part.opening.kind === 'refusal';
        if (!isRefusal) written.characters += delta.text.length;
        const { logprobs } = delta;
        const figures =
          logprobs === undefined ? undefined : isRefusal ? writeLogprobs([], logprobs) : writeLogprobs(logprobs, []);
        const beside = figures === undefined ? '' : `,"logprobs":${JSON.stringify(figures)}`;
        this.#open(answer, `"${isRefusal ? 'refusal' : 'content'}":${JSON.stringify(delta.text)}`, beside);
        return;
      }
      case 'reasoning': {
        const text = JSON.stringify(delta.text);
        const details =
          this.#flavour.detailsInDeltas === true
            ? `,"reasoning_details":${JSON.stringify([writeTextEntry(delta.text, part.ordinal)])}`
            : '';
        this.#open(answer, `"reasoning_content":${text},"reasoning":${text}${details}`);
        return;
      }
      case 'seal':
        part.sealed = true;
        this.#open(answer, `"reasoning_details":${JSON.stringify([writeSealEntry(delta.seal, part.ordinal, this.#flavour)])}`);
        return;
      case 'citation':
        this.#open(answer, `"annotations":${JSON.stringify([writeCitation(delta.citation, part.offset)])}`);
        return;
      case 'arguments':
        if (part.opening.kind !== 'tool-call' || part.opening.ranBy !== 'caller') return;
        this.#open(answer, `"tool_calls":[{"index":${part.ordinal},"function":{"arguments":${JSON.stringify(delta.text)}}}]`);
        return;
      case 'media':
        if (written.sound !== index) return;
        this.#open(answer, `"audio":${JSON.stringify(wire({ data: delta.base64, transcript: delta.transcript }))}`);
        return;
    }
  }

  /** Only at its end is it known that a thought has no proof, whose format would be the thought's. */
  #end(answer: number, index: number): void {
    const part = this.#answer(answer).parts.get(index);
    if (this.#flavour.detailsInDeltas !== true || part?.opening.kind !== 'reasoning' || part.sealed) return;
    this.#open(answer, `"reasoning_details":${JSON.stringify([writeEndEntry(part.ordinal)])}`);
  }

  #carry(place: string, answer: number, fields: JsonObject): void {
    const members = JSON.stringify(fields).slice(1, -1);
    if (place === 'message') this.#open(answer, members);
    else if (place === 'choice') this.#open(answer, '', `,${members}`);
    else this.#beside = withCarried(this.#beside, fields);
  }

  #answer(answer: number): Written {
    const known = this.#answers.get(answer);
    if (known !== undefined) return known;
    const written = new Written();
    this.#answers.set(answer, written);
    return written;
  }

  /** A chunk in the middle of an answer. `delta` and `beside` are members as JSON text. */
  #open(answer: number, delta: string, beside = ''): void {
    this.#chunk(answer, delta, `${beside},"finish_reason":null`);
  }

  #chunk(answer: number, delta: string, rest: string): void {
    const written = this.#answer(answer);
    if (!written.greeted) {
      written.greeted = true;
      this.#chunk(answer, '"role":"assistant","content":""', ',"finish_reason":null');
    }
    const fields = this.#hasBeside() ? this.#takeBeside() : '';
    this.#text += `${this.#head}${fields},"choices":[{"index":${answer},"delta":{${delta}}${rest}}]}\n\n`;
  }

  /** In the first chunk, beside its choices. */
  #tellRouting({ attempts }: AnswerStart): void {
    const routing = writeRouting(attempts);
    if (routing !== undefined) this.#beside = { ...this.#beside, routing };
  }

  #hasBeside(): boolean {
    return this.#notices.length > 0 || Object.keys(this.#beside).length > 0;
  }

  #takeBeside(): string {
    const notices: JsonObject = this.#notices.length === 0 ? {} : { notices: this.#notices.map(writeNotice) };
    const members = JSON.stringify({ ...this.#beside, ...notices }).slice(1, -1);
    this.#beside = {};
    this.#notices = [];
    return `,${members}`;
  }
}

/** The start of every chunk, up to what changes. */
function headOf(envelope: Envelope, model: string, provider: string | undefined): string {
  const head = wire({ id: envelope.id, object: 'chat.completion.chunk', created: envelope.createdAt, model, provider });
  return `data: ${JSON.stringify(head).slice(0, -1)}`;
}

/** A tool call of an unknown type, with its place, as every entry of a delta needs one. */
function placed(call: Json, index: number): Json {
  return isJsonObject(call) ? { index, ...call } : call;
}
