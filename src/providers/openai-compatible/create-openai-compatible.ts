import type { AnswerEvent, AnswerStream, EventBatch } from '../../model/event.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { parseJson } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { Attempt, Clock, Provider } from '../../model/ports.ts';
import type { Outgoing, OutgoingAnswer } from '../../net/outgoing.ts';
import { openaiChat } from '../../protocols/openai-chat/openai-chat.ts';
import { SseDecoder } from '../../protocols/sse/sse-decoder.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { silentLog, type Log } from '../../telemetry/log.ts';
import type { Quirks } from '../quirks.ts';
import { withDeadlines } from '../with-deadlines.ts';
import { AnswerShaper } from './answer-shaper.ts';
import { applyQuirks } from './apply-quirks.ts';
import { chatContinuation } from './chat-continuation.ts';
import { readText } from './read-text.ts';
import { attributed, upstreamFault } from './upstream-fault.ts';

export interface OpenAiCompatibleOptions {
  /** The name in the configuration; it stands in messages and records. */
  readonly name: string;
  /** Up to the version, such as `https://api.example.com/v1`. */
  readonly baseUrl: string;
  readonly apiKey?: string;
  /** Added to each request, in place of our own of the same name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly quirks: Quirks;
  readonly outgoing: Outgoing;
  /** Whether the host stops, and stops billing, when the connection is closed. */
  readonly cancellable: boolean;
  readonly log?: Log;
  readonly clock?: Clock;
}

/** A provider that speaks chat completions, whoever serves them. */
export function createOpenAiCompatible(options: OpenAiCompatibleOptions): Provider {
  const host = new Host(options);
  return {
    name: options.name,
    cancellable: options.cancellable,
    run: (attempt, signal) => {
      // Silence is watched by the transport, chunk by chunk: keep-alive comments make no events and are no silence.
      const { firstEventMs, totalMs } = attempt.deadlines;
      const watched = { provider: options.name, deadlines: { firstEventMs, totalMs } };
      return withDeadlines(watched, signal, (inner) => host.run(attempt, inner));
    },
  };
}

/** Characters of an error reply that may hold something to read. */
const maxErrorBytes = 64 * 1024;
/** A whole answer may hold sound: an hour of 24 kHz PCM in base64 is 230 MB, but no host answers that unstreamed. */
const maxAnswerBytes = 64 * 1024 * 1024;
/** How long after its last word a host may take to end the body, so that the connection can be used again. */
const closingGraceMs = 1_000;

class Host {
  readonly #options: OpenAiCompatibleOptions;
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #log: Log;

  constructor(options: OpenAiCompatibleOptions) {
    this.#options = options;
    this.#url = `${options.baseUrl.replace(/\/+$/, '')}/chat/completions`;
    this.#log = (options.log ?? silentLog).child({ provider: options.name });
    this.#headers = {
      'content-type': 'application/json',
      accept: options.quirks.streams ? 'text/event-stream, application/json' : 'application/json',
      'user-agent': 'flashmux',
      ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }),
      ...lowerCased(options.headers ?? {}),
    };
  }

  async *run(attempt: Attempt, signal: AbortSignal): AnswerStream {
    try {
      const { answer, notices } = await this.#send(attempt, signal);
      const shaper = new AnswerShaper(notices, this.#options.quirks.inlineThink);
      if (isEventStream(answer)) yield* this.#readStream(answer, shaper);
      else yield* this.#readWhole(answer, shaper);
    } catch (error) {
      if (!FlashmuxError.is(error) || error.code === 'cancelled') throw error;
      throw attributed(error, this.#options.name);
    }
  }

  async #send(attempt: Attempt, signal: AbortSignal): Promise<{ answer: OutgoingAnswer; notices: readonly Notice[] }> {
    const { name, quirks, outgoing, apiKey, clock = systemClock } = this.#options;
    const continued = chatContinuation(attempt.request);
    const written = openaiChat.client.writeRequest(attempt.request);
    const quirked = applyQuirks(written.body, attempt.request, quirks);
    const answer = await outgoing.send(
      {
        method: 'POST',
        url: this.#url,
        headers: { ...this.#headers, 'x-request-id': attempt.requestId },
        body: JSON.stringify(quirked.body),
        owner: 'operator',
        headTimeoutMs: attempt.deadlines.firstEventMs,
        idleTimeoutMs: attempt.deadlines.idleMs,
      },
      signal,
    );
    if (answer.status < 200 || answer.status >= 300) {
      const { status, headers } = answer;
      const body = await readText(answer.body, maxErrorBytes, 'cut');
      this.#log.warn({ requestId: attempt.requestId, status }, 'provider answered with an error');
      const key = apiKey === undefined ? {} : { apiKey };
      throw upstreamFault({ provider: name, status, headers, body, now: clock.now(), ...key }, (...args) =>
        openaiChat.client.readFault(...args),
      );
    }
    return { answer, notices: [...continued, ...written.notices, ...quirked.notices] };
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
    yield* batch([...shaper.take(openaiChat.client.readAnswer(body)), ...shaper.flush()]);
  }

  /** One batch a readable chunk. What came before a fault is given out before the fault is thrown. */
  async *#readStream(answer: OutgoingAnswer, shaper: AnswerShaper): AnswerStream {
    const decoder = new SseDecoder();
    const reader = openaiChat.client.streamReader();
    const chunks = answer.body[Symbol.asyncIterator]();
    let over = false;
    try {
      while (!over) {
        const events: AnswerEvent[] = [];
        try {
          const step = await chunks.next();
          over = step.done === true;
          const frames = step.done === true ? decoder.end() : decoder.decode(step.value);
          for (const frame of frames) {
            events.push(...shaper.take(reader.read(frame)));
            // The protocol's last word. Some servers keep the connection open after it.
            if (frame.data === '[DONE]') over = true;
          }
          if (over) events.push(...shaper.take(reader.end()), ...shaper.flush());
        } catch (error) {
          yield* batch([...events, ...shaper.flush()]);
          throw error;
        }
        yield* batch(events);
      }
    } finally {
      if (over) release(chunks);
      else await chunks.return?.();
    }
  }
}

/** One spelling a name: `Authorization` of the configuration must replace ours, not stand beside it. */
function lowerCased(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function* batch(events: readonly AnswerEvent[]): Iterable<EventBatch> {
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
