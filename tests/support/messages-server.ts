import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from '../../src/model/answer.ts';
import { FlashmuxError } from '../../src/model/fault.ts';
import { parseJson } from '../../src/model/json.ts';
import type { Json } from '../../src/model/json.ts';
import type { GenerateRequest } from '../../src/model/request.ts';
import { unfold } from '../../src/model/stream.ts';
import { anthropicMessages } from '../../src/protocols/anthropic-messages/anthropic-messages.ts';
import { readModelPage, writeModelList } from '../../src/protocols/anthropic-messages/model-list.ts';
import type { ModelFacts } from '../../src/protocols/anthropic-messages/model-list.ts';
import { readCountRequest } from '../../src/protocols/anthropic-messages/read-request.ts';
import { writeTokenCount } from '../../src/protocols/anthropic-messages/write-token-count.ts';

/** A server of Anthropic Messages that is nothing but the codec and a socket: what a dialect will do with it. */
export interface MessagesServer {
  /** Without `/v1`. */
  readonly origin: string;
  /** Bodies of all calls so far, in their order. */
  readonly bodies: readonly Json[];
  close(): Promise<void>;
}

export interface ServedAnswers {
  readonly answer: (request: GenerateRequest) => Answer;
  readonly models: readonly ModelFacts[];
  /** Of any input. */
  readonly inputTokens: number;
}

/** Models by whose name a call goes wrong: before the answer, or after its first words. */
export const refusingModel = 'refuses';
export const breakingModel = 'breaks';
export const fault = new FlashmuxError('rate_limited', 'slow down');

const { readRequest, writeAnswer, streamWriter, writeFault } = anthropicMessages.server;

export async function startMessagesServer(served: ServedAnswers): Promise<MessagesServer> {
  const bodies: Json[] = [];
  const serve = async (request: IncomingMessage, reply: ServerResponse): Promise<void> => {
    const body = await reading(request);
    if (body !== undefined) bodies.push(body);
    try {
      answerCall(new URL(request.url ?? '/', 'http://localhost'), body ?? null, reply, served);
    } catch (error) {
      if (!FlashmuxError.is(error)) throw error;
      sendJson(reply, error.row.status, writeFault(error, 'req_1'));
    }
  };
  const server = createServer((request, reply) => void serve(request, reply));
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    bodies,
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

async function reading(request: IncomingMessage): Promise<Json | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return parseJson(Buffer.concat(chunks).toString());
}

function answerCall(url: URL, body: Json, reply: ServerResponse, served: ServedAnswers): void {
  if (url.pathname === '/v1/models') {
    return sendJson(reply, 200, writeModelList(served.models, readModelPage(Object.fromEntries(url.searchParams))));
  }
  if (url.pathname === '/v1/messages/count_tokens') {
    readCountRequest(body);
    return sendJson(reply, 200, writeTokenCount(served.inputTokens));
  }
  const request = readRequest(body);
  if (request.model === refusingModel) throw fault;
  const envelope = {
    id: 'gen_1',
    requestId: 'req_1',
    createdAt: 1,
    model: request.model,
    inputTokens: served.inputTokens,
    creditsPerUsd: 1n,
  };
  const answer = served.answer(request);
  if (request.delivery.kind === 'whole') return sendJson(reply, 200, writeAnswer(answer, envelope));
  const writer = streamWriter(envelope, request);
  reply.writeHead(200, { 'content-type': 'text/event-stream' });
  if (request.model === breakingModel) {
    reply.write(writer.write(unfold(answer).slice(0, 3)));
    reply.end(writer.fault(fault));
    return;
  }
  for (const event of unfold(answer)) reply.write(writer.write([event]));
  reply.end(writer.end());
}

function sendJson(reply: ServerResponse, status: number, body: Json): void {
  reply.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_1' });
  reply.end(JSON.stringify(body));
}
