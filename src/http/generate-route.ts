import type { Dialect } from '../dialects/dialect.ts';
import type { Serve } from '../exchange/call.ts';
import type { Answer } from '../model/answer.ts';
import type { EventBatch } from '../model/event.ts';
import { asFault, type FlashmuxError } from '../model/fault.ts';
import { fold, Fold } from '../model/fold.ts';
import type { NanoUsd } from '../model/money.ts';
import type { Clock } from '../model/ports.ts';
import type { GenerateRequest } from '../model/request.ts';
import { answerHeaders } from './answer-headers.ts';
import { EventStream } from './event-stream.ts';
import type { Incoming } from './incoming.ts';
import { remainingCredits, type CreditDisplay } from './remaining-credits.ts';
import { readJsonBody } from './read-body.ts';
import { commonHeaders, sendJson } from './reply.ts';
import type { KeyedRoute, KeyedVisit } from './route.ts';

export interface GenerateDeps extends CreditDisplay {
  readonly serve: Serve;
  readonly clock: Clock;
  readonly newId: (prefix: 'gen') => string;
  /** Told every fault that is a bug, with the error as it was thrown. */
  readonly onBug: (incoming: Incoming, fault: FlashmuxError) => void;
}

/** The routes of a dialect that generate. */
export function generateRoutes(dialect: Dialect, deps: GenerateDeps): readonly KeyedRoute[] {
  return dialect.generatePaths.map((path) => ({
    method: 'POST',
    path,
    key: 'required',
    answer: (visit) => generate(visit, dialect, deps),
  }));
}

/** One call: the events of one generator, written as they come or folded into one body. */
interface Generation {
  readonly incoming: Incoming;
  readonly dialect: Dialect;
  readonly deps: GenerateDeps;
  readonly request: GenerateRequest;
  readonly answerId: string;
  readonly batches: AsyncGenerator<EventBatch, void, undefined>;
}

async function generate({ incoming, parameters, caller }: KeyedVisit, dialect: Dialect, deps: GenerateDeps): Promise<void> {
  const body = await readJsonBody(incoming);
  const request = dialect.readRequest({ body, parameters, headers: incoming.request.headers });
  incoming.record.model = request.model;
  const answerId = deps.newId('gen');
  const { requestId, signal } = incoming;
  const onBalance = (available: NanoUsd | null): void => {
    incoming.remainingCredits = remainingCredits(available, deps);
  };
  const batches = deps.serve({ requestId, answerId, caller, request, signal, onBalance });
  const generation = { incoming, dialect, deps, request, answerId, batches };
  await (request.delivery.kind === 'stream' ? streamAnswer(generation) : wholeAnswer(generation));
}

async function wholeAnswer(generation: Generation): Promise<void> {
  const { incoming, dialect, request, answerId, batches } = generation;
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
  const answer = folding.answer();
  await sendJson(incoming, 200, dialect.answers.writeAnswer(answer, envelope(generation, answer)), {
    ...commonHeaders(incoming, answerId),
    ...answerHeaders(answer, request.model),
  });
}

/**
 * The head leaves with the first batch. A fault before it is thrown, so that it becomes a status; after it, it becomes the
 * stream's last words.
 */
async function streamAnswer(generation: Generation): Promise<void> {
  const { incoming, batches } = generation;
  let stream: OpenStream | undefined;
  try {
    for await (const batch of batches) {
      if (incoming.signal.aborted) break;
      stream ??= openStream(generation, batch);
      await stream.events.write(stream.writer.write(batch));
    }
    incoming.signal.throwIfAborted();
    if (stream === undefined) throw new Error('the exchange ended without any event');
    await stream.events.end(stream.writer.end());
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
}

function openStream(generation: Generation, firstBatch: EventBatch): OpenStream {
  const { incoming, dialect, request, answerId } = generation;
  const soFar = fold(firstBatch);
  const writer = dialect.answers.streamWriter(envelope(generation, soFar), request);
  return { events: new EventStream(incoming, answerId, dialect.stream, answerHeaders(soFar, request.model)), writer };
}

async function endWithFault({ incoming, deps }: Generation, { events, writer }: OpenStream, error: unknown): Promise<void> {
  // What a generator throws because it was aborted is told as the reason of the abort.
  const fault = incoming.abortedWith ?? asFault(error);
  incoming.record.fault = fault.code;
  if (fault.code === 'internal') deps.onBug(incoming, fault);
  if (!incoming.gone) await events.end(writer.fault(fault));
}

function envelope({ incoming, deps, answerId, request }: Generation, { model, provider, createdAt }: Answer): Envelope {
  return {
    id: answerId,
    requestId: incoming.requestId,
    createdAt: createdAt ?? Math.floor(deps.clock.now() / 1000),
    model: model ?? request.model,
    creditsPerUsd: deps.creditsPerUsd,
    ...(provider === undefined ? {} : { provider }),
  };
}

type Envelope = Parameters<Dialect['answers']['writeAnswer']>[1];
