import type { AnswerEnd, AnswerStart, AnswerEvent, EventBatch, PartDelta, PartOpening, UsageEvent } from '../../model/event.ts';
import type { FlashmuxError } from '../../model/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { Envelope, StreamWriter } from '../codec.ts';
import { isArray } from '../wire/fields.ts';
import { writeNotice } from '../wire/notice-objects.ts';
import { BlockWriter } from './block-writer.ts';
import { eventFrame, pingFrame } from './event-frame.ts';
import { writeStopReason } from './stop-reason.ts';
import { unsayable } from './write-part.ts';
import { anotherAnswer, contentPlace, emptyFields, messageHead, messagePlace, nothingStopped } from './write-answer.ts';
import { writeFault } from './write-fault.ts';
import { writeFirstUsage, writeUsage } from './write-usage.ts';

/**
 * Events in the order that the clients insist on: `message_start`, `ping`, each block from its start to its stop, `message_delta`,
 * `message_stop`. The start leaves with the first batch and tells the count of the input that is known by then: a usage event of that
 * batch, else `envelope.inputTokens`. The end corrects it.
 *
 * After a fault comes the `error` event and then nothing: `message_stop` would say that the answer is complete.
 */
export function streamWriter(envelope: Envelope): StreamWriter {
  return new MessageWriter(envelope);
}

class MessageWriter implements StreamWriter {
  readonly #envelope: Envelope;
  readonly #blocks = new Map<number, BlockWriter>();
  /** Blocks that have begun and not ended on the wire, in the order of their parts. Only the first is open there: this wire never interleaves. */
  readonly #queue: BlockWriter[] = [];
  #facts: Omit<AnswerStart, 'kind'> = {};
  #isStarted = false;
  #places = 0;
  #usage: UsageEvent | undefined;
  #end: AnswerEnd | undefined;
  #carried: JsonObject = {};
  #notices: Notice[] = [];
  readonly #otherAnswers = new Set<number>();
  #text = '';

  constructor(envelope: Envelope) {
    this.#envelope = envelope;
  }

  write(batch: EventBatch): string {
    // What a batch tells beside its parts is known to the start, wherever in the batch it stands.
    if (!this.#isStarted) {
      for (const event of batch) this.#tell(event);
      this.#start();
      for (const event of batch) this.#say(event);
    } else {
      for (const event of batch) {
        this.#tell(event);
        this.#say(event);
      }
    }
    return this.#taken();
  }

  end(): string {
    if (!this.#isStarted) this.#start();
    for (const block of this.#blocks.values()) block.end();
    this.#flush();
    const { container, stop_details: details, ...beside } = this.#carried;
    const usage = this.#usage;
    const stop = this.#end === undefined ? nothingStopped : writeStopReason(this.#end);
    this.#write('message_delta', {
      ...beside,
      delta: { container: container ?? null, stop_details: details ?? null, ...stop },
      usage: usage === undefined ? writeFirstUsage(this.#counted()) : writeUsage(usage.usage, usage.bill),
      ...this.#takeNotices(),
    });
    this.#write('message_stop');
    return this.#taken();
  }

  fault(fault: FlashmuxError): string {
    this.#write('error', writeFault(fault, this.#envelope.requestId));
    return this.#taken();
  }

  /** What is said of the message as a whole. */
  #tell(event: AnswerEvent): void {
    switch (event.kind) {
      case 'answer-start':
        this.#facts = event;
        return;
      case 'usage':
        this.#usage = event;
        return;
      case 'notice':
        this.#notices.push(event.notice);
        return;
      case 'carry':
        if (event.protocol === 'anthropic-messages' && event.place === messagePlace) {
          this.#carried = { ...this.#carried, ...event.fields };
        }
        return;
      case 'answer-end':
        if (event.answer === 0) this.#end = event;
        else this.#noteAnswer(event.answer);
        return;
      case 'part-start':
      case 'part-delta':
      case 'part-end':
        return;
    }
  }

  /** What is said in blocks. */
  #say(event: AnswerEvent): void {
    switch (event.kind) {
      case 'part-start':
        if (event.answer === 0) this.#open(event.index, event.part);
        else this.#noteAnswer(event.answer);
        return;
      case 'part-delta':
        if (event.answer === 0) this.#add(event.index, event.delta);
        return;
      case 'part-end':
        if (event.answer === 0) this.#close(event.index);
        return;
      case 'carry':
        if (event.protocol === 'anthropic-messages') this.#cite(event.place, event.fields);
        return;
      case 'answer-start':
      case 'usage':
      case 'notice':
      case 'answer-end':
        return;
    }
  }

  #start(): void {
    this.#isStarted = true;
    const carried = this.#carried;
    this.#carried = {};
    const message = {
      ...emptyFields,
      ...carried,
      ...messageHead(this.#facts, this.#envelope),
      content: [],
      ...nothingStopped,
      usage: writeFirstUsage(this.#counted()),
      ...this.#takeNotices(),
    };
    this.#write('message_start', { message });
    this.#text += pingFrame;
  }

  /** The input as far as it is known. */
  #counted(): UsageEvent['usage']['input'] {
    const told = this.#usage?.usage.input;
    return told?.total === undefined ? { ...told, total: this.#envelope.inputTokens ?? 0 } : told;
  }

  #open(index: number, opening: PartOpening): void {
    const isForeign = opening.kind === 'opaque' && opening.protocol !== 'anthropic-messages';
    if (opening.kind === 'media' || isForeign) {
      this.#notices.push(unsayable(opening, index));
      return;
    }
    // What a server ran is counted in the usage; as a tool call the caller would be asked to run it.
    if (opening.kind === 'tool-call' && opening.ranBy !== 'caller') return;
    const block = new BlockWriter(opening, () => this.#places++);
    this.#blocks.set(index, block);
    this.#queue.push(block);
    this.#flush();
  }

  #add(index: number, delta: PartDelta): void {
    this.#blocks.get(index)?.add(delta);
    this.#flush();
  }

  #close(index: number): void {
    this.#blocks.get(index)?.end();
    this.#flush();
  }

  #cite(place: string, fields: JsonObject): void {
    const index = [...this.#blocks.keys()].find((known) => contentPlace(known) === place);
    const { citations } = fields;
    if (index === undefined || !isArray(citations)) return;
    for (const citation of citations) this.#blocks.get(index)?.cite(citation);
    this.#flush();
  }

  /** Writes what the first block has to say; when it has ended, the next one's turn comes with all that it gathered. */
  #flush(): void {
    for (let block = this.#queue[0]; block !== undefined; block = this.#queue[0]) {
      this.#text += block.take();
      if (!block.hasEnded) return;
      this.#queue.shift();
    }
  }

  #noteAnswer(answer: number): void {
    if (this.#otherAnswers.has(answer)) return;
    this.#otherAnswers.add(answer);
    this.#notices.push(anotherAnswer(answer));
  }

  #takeNotices(): JsonObject {
    const notices = this.#notices;
    this.#notices = [];
    return notices.length === 0 ? {} : { notices: notices.map(writeNotice) };
  }

  #write(type: string, fields: JsonObject = {}): void {
    this.#text += eventFrame(type, fields);
  }

  #taken(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }
}
