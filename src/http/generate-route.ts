import type { RateLimiter } from '../access/rate-limiter.ts';
import type { AnswerPrefix, Dialect } from '../dialects/dialect.ts';
import type { Serve } from '../exchange/call.ts';
import type { Answer } from '../model/answer.ts';
import type { EventBatch } from '../model/event.ts';
import { asFault, type FlashmuxError } from '../model/fault.ts';
import { fold, Fold } from '../model/fold.ts';
import type { Json } from '../model/json.ts';
import type { NanoUsd } from '../model/money.ts';
import type { Notice } from '../model/notice.ts';
import type { Clock } from '../model/ports.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { Usage } from '../model/usage.ts';
import { countTokens } from './admit-caller.ts';
import { answerHeaders } from './answer-headers.ts';
import { EventStream } from './event-stream.ts';
import { generateAbout } from './generate-about.ts';
import { readIdempotency } from './idempotency-header.ts';
import type { Incoming } from './incoming.ts';
import { remainingCredits, type CreditDisplay } from './remaining-credits.ts';
import { readJsonBody } from './read-body.ts';
import { commonHeaders, sendJson } from './reply.ts';
import type { KeyedRoute, KeyedVisit } from './route.ts';

export interface GenerateDeps extends CreditDisplay {
  readonly serve: Serve;
  readonly clock: Clock;
  readonly limiter: RateLimiter;
  /** How long an idempotency key is remembered. */
  readonly keepIdempotencyMs: number;
  readonly newId: (prefix: AnswerPrefix) => string;
  /** Told every fault that is a bug, with the error as it was thrown. */
  readonly onBug: (incoming: Incoming, fault: FlashmuxError) => void;
}

/** The routes of a dialect that generate; none for one that remembers, whose routes stand elsewhere. */
export function generateRoutes(dialect: Dialect, deps: GenerateDeps): readonly KeyedRoute[] {
  if (dialect.remembers === true) return [];
  return dialect.generatePaths.map((path) => {
    const about = generateAbout(dialect, path);
    return {
      method: 'POST',
      path,
      key: 'required',
      dialect,
      ...(about === undefined ? {} : { about }),
      answer: async (visit) => {
        const { incoming, parameters } = visit;
        const body = await readJsonBody(incoming);
        const request = dialect.readRequest({ body, parameters, headers: incoming.request.headers });
        const answerId = deps.newId(dialect.answerPrefix ?? 'gen');
        await generate(visit, { dialect, body, request, answerId, answers: dialect.answers }, deps);
      },
    };
  });
}

/** A call that was read and understood. */
export interface ReadCall {
  readonly dialect: Dialect;
  /** As it came, for the fingerprint of an idempotency key. */
  readonly body: Json;
  readonly request: GenerateRequest;
  readonly answerId: string;
  readonly answers: Dialect['answers'];
  /**
   * Told the whole answer before its last word leaves, and what of it there is where a stream failed after it began. Gives notices
   * for the caller. Never rejects.
   */
  readonly keep?: (ended: EndedAnswer) => Promise<readonly Notice[]>;
}

export interface EndedAnswer {
  readonly answer: Answer;
  readonly envelope: Envelope;
  readonly fault?: FlashmuxError;
}

/** One call: the events of one generator, written as they come or folded into one body. */
interface Generation extends ReadCall {
  readonly incoming: Incoming;
  readonly deps: GenerateDeps;
  readonly batches: AsyncGenerator<EventBatch, void, undefined>;
}

/** Answers a call, whole or as a stream. */
export async function generate({ incoming, caller }: KeyedVisit, read: ReadCall, deps: GenerateDeps): Promise<void> {
  const { body, request, answerId } = read;
  incoming.record.model = request.model;
  const { requestId, signal } = incoming;
  const onBalance = (available: NanoUsd | null): void => {
    incoming.remainingCredits = remainingCredits(available, deps);
  };
  const onUsage = (usage: Usage): void => countTokens(incoming, caller, usage, deps);
  const onReplay = (): void => {
    incoming.replayed = true;
  };
  const expiresAt = deps.clock.now() + deps.keepIdempotencyMs;
  // Some APIs name the model outside of the body.
  const path = `${incoming.request.url ?? ''} ${request.model}`;
  const idempotency = readIdempotency(incoming, body, { path, expiresAt });
  const once = idempotency === undefined ? {} : { idempotency, onReplay };
  const wantsInputTokens = read.dialect.wantsInputTokens === true && request.delivery.kind === 'stream';
  const batches = deps.serve({ requestId, answerId, caller, request, signal, wantsInputTokens, onBalance, onUsage, ...once });
  const generation = { ...read, incoming, deps, batches };
  await (request.delivery.kind === 'stream' ? streamAnswer(generation) : wholeAnswer(generation));
}

async function wholeAnswer(generation: Generation): Promise<void> {
  const { incoming, answers, request, answerId, batches, keep } = generation;
  const folding = new Fold();
  let isEmpty = true;
  for await (const batch of batches) {
    // Leaving the loop returns the generator, which settles.
    if (incoming.signal.aborted) break;
    isEmpty = false;
    for (const event of batch) folding.add(event);
  }
  incoming.signal.throwIfAborted();
  if (isEmpty) throw new Error('the exchange ended without any event');
  const said = folding.answer();
  const head = envelope(generation, said);
  const notices = (await keep?.({ answer: said, envelope: head })) ?? [];
  const answer = notices.length === 0 ? said : { ...said, notices: [...said.notices, ...notices] };
  await sendJson(incoming, 200, answers.writeAnswer(answer, head, request), {
    ...commonHeaders(incoming, answer.id ?? answerId),
    ...answerHeaders(answer, request.model),
  });
}

/**
 * The head leaves with the first batch. A fault before it is thrown, so that it becomes a status; after it, it becomes the
 * stream's last words.
 */
async function streamAnswer(generation: Generation): Promise<void> {
  const { incoming, batches, keep } = generation;
  let stream: OpenStream | undefined;
  try {
    for await (const batch of batches) {
      if (incoming.signal.aborted) break;
      stream ??= openStream(generation, batch);
      for (const event of keep === undefined ? [] : batch) stream.folding.add(event);
      const room = stream.events.write(stream.writer.write(batch));
      if (room !== undefined) await room;
    }
    incoming.signal.throwIfAborted();
    if (stream === undefined) throw new Error('the exchange ended without any event');
    const notices = (await keep?.({ answer: stream.folding.answer(), envelope: stream.envelope })) ?? [];
    const last = notices.length === 0 ? '' : stream.writer.write(notices.map((notice) => ({ kind: 'notice', notice })));
    await stream.events.end(last + stream.writer.end());
  } catch (error) {
    if (stream === undefined) throw error;
    await endWithFault(generation, stream, error);
  } finally {
    stream?.events.close();
  }
}

type StreamWriter = ReturnType<Dialect['answers']['streamWriter']>;

interface OpenStream {
  readonly events: EventStream;
  readonly writer: StreamWriter;
  readonly envelope: Envelope;
  /** The answer so far, where somebody keeps it. */
  readonly folding: Fold;
}

function openStream(generation: Generation, firstBatch: EventBatch): OpenStream {
  const { incoming, dialect, answers, request, answerId } = generation;
  const soFar = fold(firstBatch);
  const head = envelope(generation, soFar);
  const events = new EventStream(incoming, soFar.id ?? answerId, dialect.stream, answerHeaders(soFar, request.model));
  return { events, writer: answers.streamWriter(head, request), envelope: head, folding: new Fold() };
}

async function endWithFault({ incoming, deps, keep }: Generation, stream: OpenStream, error: unknown): Promise<void> {
  const { events, writer, folding, envelope: head } = stream;
  // What a generator throws because it was aborted is told as the reason of the abort.
  const fault = incoming.abortedWith ?? asFault(error);
  incoming.record.fault = fault.code;
  if (fault.code === 'internal') deps.onBug(incoming, fault);
  if (incoming.gone) return;
  await keep?.({ answer: folding.answer(), envelope: head, fault });
  await events.end(writer.fault(fault));
}

function envelope(
  { incoming, deps, answerId, request }: Generation,
  { id, model, provider, createdAt, usage }: Answer,
): Envelope {
  const inputTokens = usage?.input.total;
  return {
    // An answer that was given before keeps the id that it had.
    id: id ?? answerId,
    requestId: incoming.requestId,
    createdAt: createdAt ?? Math.floor(deps.clock.now() / 1000),
    model: model ?? request.model,
    creditsPerUsd: deps.creditsPerUsd,
    ...(provider === undefined ? {} : { provider }),
    ...(inputTokens === undefined ? {} : { inputTokens }),
  };
}

export type Envelope = Parameters<Dialect['answers']['writeAnswer']>[1];
