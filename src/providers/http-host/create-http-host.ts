import type { AnswerEvent, AnswerStream, EventBatch } from '../../model/event.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { parseJson } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { Attempt, Provider } from '../../model/ports.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { OutgoingAnswer } from '../../net/outgoing.ts';
import { SseDecoder } from '../../protocols/sse/sse-decoder.ts';
import { withDeadlines } from '../with-deadlines.ts';
import { AnswerShaper } from './answer-shaper.ts';
import { chatContinuation } from './chat-continuation.ts';
import type { Counting, HostProtocol } from './host-protocol.ts';
import { HostSender, type HttpHostOptions } from './host-sender.ts';
import { KeyTrial } from './key-trial.ts';
import { readText } from './read-text.ts';
import { attributed } from './upstream-fault.ts';

/** A provider behind HTTP, whichever wire language it speaks. */
export function createHttpHost(options: HttpHostOptions, protocol: HostProtocol): Provider {
  const host = new HttpHost(options, protocol);
  const { counting } = protocol;
  return {
    name: options.name,
    cancellable: options.cancellable,
    run: (attempt, signal) => {
      // Silence is watched by the transport, chunk by chunk: keep-alive comments make no events and are no silence.
      const { firstEventMs, totalMs } = attempt.deadlines;
      const watched = { provider: options.name, deadlines: { firstEventMs, totalMs } };
      return withDeadlines(watched, signal, (inner) => host.run(attempt, inner));
    },
    ...(counting === undefined
      ? {}
      : { countInput: (request: GenerateRequest, signal: AbortSignal) => host.count(counting, request, signal) }),
  };
}

/** A whole answer may hold sound: an hour of 24 kHz PCM in base64 is 230 MB, but no host answers that unstreamed. */
const maxAnswerBytes = 64 * 1024 * 1024;
const maxCountBytes = 64 * 1024;
/** A count runs no model. */
const countDeadlines = { firstEventMs: 15_000, idleMs: 5_000 };
/** How long after its last word a host may take to end the body, so that the connection can be used again. */
const closingGraceMs = 1_000;

class HttpHost {
  readonly #options: HttpHostOptions;
  readonly #protocol: HostProtocol;
  readonly #sender: HostSender;

  constructor(options: HttpHostOptions, protocol: HostProtocol) {
    this.#options = options;
    this.#protocol = protocol;
    this.#sender = new HostSender(options, protocol);
  }

  /** Asks with one key after the other, as long as nothing was answered. */
  async *run(attempt: Attempt, signal: AbortSignal): AnswerStream {
    const continued = chatContinuation(attempt.request);
    const { path, body, notices } = this.#protocol.write(attempt.request);
    const { requestId, deadlines } = attempt;
    const message = { path, body: JSON.stringify(body), requestId, deadlines };
    const keys = new KeyTrial(this.#options.keys, attempt.ownKey);
    for (;;) {
      let answered = false;
      try {
        const answer = await this.#sender.send(message, keys, signal);
        for await (const batch of this.#read(answer, [...continued, ...notices])) {
          answered = true;
          yield batch;
        }
        return;
      } catch (error) {
        if (!answered && keys.goOn(error)) continue;
        throw this.#attributed(error);
      }
    }
  }

  async count(counting: Counting, request: GenerateRequest, signal: AbortSignal): Promise<number> {
    const { path, body } = counting.write(request);
    const message = { path, body: JSON.stringify(body), deadlines: countDeadlines };
    const keys = new KeyTrial(this.#options.keys, undefined);
    for (;;) {
      try {
        const answer = await this.#sender.send(message, keys, signal);
        const tokens = counting.read(parseJson(await readText(answer.body, maxCountBytes)) ?? null);
        if (tokens !== undefined) return tokens;
        throw new FlashmuxError('upstream_failed', `Provider "${this.#options.name}" answered a count without a number.`);
      } catch (error) {
        if (!keys.goOn(error)) throw this.#attributed(error);
      }
    }
  }

  #attributed(error: unknown): unknown {
    return FlashmuxError.is(error) && error.code !== 'cancelled' ? attributed(error, this.#options.name) : error;
  }

  #read(answer: OutgoingAnswer, notices: readonly Notice[]): AnswerStream {
    const shaper = new AnswerShaper(notices, this.#protocol.inlineThink);
    return isEventStream(answer) ? this.#readStream(answer, shaper) : this.#readWhole(answer, shaper);
  }

  /** For hosts that answer whole though they were asked to stream, or that cannot stream. */
  async *#readWhole(answer: OutgoingAnswer, shaper: AnswerShaper): AnswerStream {
    const body = parseJson(await readText(answer.body, maxAnswerBytes));
    if (body === undefined) {
      const type = answer.headers['content-type'] ?? 'no content type';
      throw new FlashmuxError(
        'upstream_failed',
        `Provider "${this.#options.name}" sent neither JSON nor an event stream (${type}).`,
      );
    }
    yield* asBatch([...shaper.take(this.#protocol.client.readAnswer(body)), ...shaper.flush()]);
  }

  /** One batch a readable chunk. What came before a fault is given out before the fault is thrown. */
  async *#readStream(answer: OutgoingAnswer, shaper: AnswerShaper): AnswerStream {
    const decoder = new SseDecoder();
    const reader = this.#protocol.client.streamReader();
    const chunks = answer.body[Symbol.asyncIterator]();
    let over = false;
    try {
      while (!over) {
        const events: AnswerEvent[] = [];
        try {
          const step = await chunks.next();
          over = step.done === true;
          for (const frame of step.done === true ? decoder.end() : decoder.decode(step.value)) {
            events.push(...shaper.take(reader.read(frame)));
            if (!this.#protocol.isLast(frame)) continue;
            over = true;
            break;
          }
          if (over) events.push(...shaper.take(reader.end()), ...shaper.flush());
        } catch (error) {
          yield* asBatch([...events, ...shaper.flush()]);
          throw error;
        }
        yield* asBatch(events);
      }
    } finally {
      if (over) release(chunks);
      else await chunks.return?.();
    }
  }
}

function* asBatch(events: readonly AnswerEvent[]): Iterable<EventBatch> {
  if (events.length > 0) yield events;
}

function isEventStream({ headers }: OutgoingAnswer): boolean {
  const type = headers['content-type'] ?? '';
  // No type at all is read as what was asked for.
  return type === '' || type.toLowerCase().startsWith('text/event-stream');
}

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
