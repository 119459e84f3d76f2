import type { AnswerEvent, EventBatch } from '../../model/event.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { parseJson } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { Attempt } from '../../model/ports.ts';
import type { OutgoingAnswer } from '../../net/outgoing.ts';
import { AnswerShaper } from './answer-shaper.ts';
import { chatContinuation } from './chat-continuation.ts';
import { EventReading } from './event-reading.ts';
import type { HostProtocol } from './host-protocol.ts';
import type { HostSender, HttpHostOptions, Message } from './host-sender.ts';
import { jsonBytes } from './json-bytes.ts';
import { KeyTrial } from './key-trial.ts';
import { readText } from './read-text.ts';
import { attributed } from './upstream-fault.ts';

/** A whole answer may hold sound: an hour of 24 kHz PCM in base64 is 230 MB, but no host answers that unstreamed. */
const maxAnswerBytes = 64 * 1024 * 1024;

export interface HostAnswerOptions {
  readonly host: Pick<HttpHostOptions, 'name' | 'keys'>;
  readonly protocol: HostProtocol;
  readonly sender: HostSender;
  readonly attempt: Attempt;
  readonly signal: AbortSignal;
}

type Step = IteratorResult<EventBatch>;

/**
 * The answer of one host to one attempt, which is asked with the first read: one batch a readable chunk. Asks with one key after the other,
 * as long as nothing was answered. An iterator and no generator, as every batch of every answer passes here.
 */
export class HostAnswer implements AsyncIterator<EventBatch> {
  readonly #options: HostAnswerOptions;
  readonly #keys: KeyTrial;
  /** Made once, though it may be sent with several keys. */
  #call: { readonly message: Message; readonly notices: readonly Notice[] } | undefined;
  #chunks: AsyncIterator<Uint8Array> | undefined;
  #reading: EventReading | undefined;
  #fault: { readonly error: unknown } | undefined;
  #hasAnswered = false;
  #isOver = false;

  constructor(options: HostAnswerOptions) {
    this.#options = options;
    this.#keys = new KeyTrial(options.host.keys, options.attempt.ownKey);
  }

  async next(): Promise<Step> {
    while (!this.#isOver) {
      try {
        const events = await this.#read();
        if (events.length === 0) continue;
        this.#hasAnswered = true;
        // It is not asked again, and a long prompt need not be kept for as long as its answer takes.
        this.#call = undefined;
        return { done: false, value: events };
      } catch (error) {
        this.#letGo();
        if (!this.#hasAnswered && this.#keys.goOn(error)) continue;
        this.#isOver = true;
        throw attributed(error, this.#options.host.name);
      }
    }
    return done;
  }

  return(): Promise<Step> {
    this.#isOver = true;
    this.#letGo();
    return Promise.resolve(done);
  }

  /** What the next chunk says; nothing where it ends in the middle of a frame. What came before a fault is given out before it is thrown. */
  async #read(): Promise<readonly AnswerEvent[]> {
    if (this.#fault !== undefined) throw this.#fault.error;
    const reading = this.#reading;
    const chunks = this.#chunks;
    if (reading === undefined || chunks === undefined) return await this.#ask();
    const events: AnswerEvent[] = [];
    try {
      reading.take(await chunks.next(), events);
    } catch (error) {
      reading.flush(events);
      if (events.length === 0) throw error;
      this.#fault = { error };
    }
    if (reading.isOver) this.#finish(chunks);
    return events;
  }

  #finish(chunks: AsyncIterator<Uint8Array>): void {
    this.#isOver = true;
    this.#chunks = undefined;
    release(chunks);
  }

  /** A host that answers whole has said everything; of a stream nothing is read yet. */
  async #ask(): Promise<readonly AnswerEvent[]> {
    const { protocol, sender, signal } = this.#options;
    const { message, notices } = (this.#call ??= this.#write());
    const answer = await sender.send(message, this.#keys, signal);
    const shaper = new AnswerShaper(notices, protocol.inlineThink);
    if (!isEventStream(answer)) return await this.#readWhole(answer, shaper);
    this.#reading = new EventReading(protocol, shaper);
    this.#chunks = answer.body[Symbol.asyncIterator]();
    return [];
  }

  #write(): { readonly message: Message; readonly notices: readonly Notice[] } {
    const { protocol, attempt } = this.#options;
    const { request, requestId, deadlines } = attempt;
    const continued = chatContinuation(request);
    const { path, body, notices } = protocol.write(request);
    return { message: { path, body: jsonBytes(body), requestId, deadlines }, notices: [...continued, ...notices] };
  }

  /** For hosts that answer whole though they were asked to stream, or that cannot stream. */
  async #readWhole(answer: OutgoingAnswer, shaper: AnswerShaper): Promise<readonly AnswerEvent[]> {
    const body = parseJson(await readText(answer.body, maxAnswerBytes));
    if (body === undefined) {
      const type = answer.headers['content-type'] ?? 'no content type';
      throw new FlashmuxError(
        'upstream_failed',
        `Provider "${this.#options.host.name}" sent neither JSON nor an event stream (${type}).`,
      );
    }
    const events = [...shaper.take(this.#options.protocol.client.readAnswer(body)), ...shaper.flush()];
    this.#isOver = true;
    return events;
  }

  /** Closes the connection, should it be open. */
  #letGo(): void {
    const chunks = this.#chunks;
    this.#chunks = undefined;
    this.#reading = undefined;
    void chunks?.return?.().catch(() => undefined);
  }
}

const done: Step = { done: true, value: undefined };

function isEventStream({ headers }: OutgoingAnswer): boolean {
  const type = headers['content-type'] ?? '';
  // No type at all is read as what was asked for.
  return type === '' || type.toLowerCase().startsWith('text/event-stream');
}

/** How long after its last word a host may take to end the body, so that the connection can be used again. */
const closingGraceMs = 1_000;

/** Reads to the end of a body whose last word was heard, for a moment: a connection that is closed early is lost. */
function release(chunks: AsyncIterator<Uint8Array>): void {
  const timer = setTimeout(() => void chunks.return?.(), closingGraceMs);
  const readOn = async (): Promise<void> => {
    let step = await chunks.next();
    while (step.done !== true) step = await chunks.next();
  };
  readOn()
    .catch(() => undefined)
    .finally(() => clearTimeout(timer));
}
