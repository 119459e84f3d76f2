import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { FlashmuxError } from '../../src/model/fault.ts';
import { fold } from '../../src/model/fold.ts';
import type { AnswerEvent } from '../../src/model/event.ts';
import { parseJson } from '../../src/model/json.ts';
import type { Json } from '../../src/model/json.ts';
import type { GenerateRequest } from '../../src/model/request.ts';
import type { Envelope, Protocol } from '../../src/protocols/codec.ts';

/** What a codec server answers to one request: events, and perhaps a fault after them; without events the fault is a status. */
export interface CodecReply {
  readonly events: readonly AnswerEvent[];
  readonly fault?: FlashmuxError;
}

export interface CodecServer {
  readonly origin: string;
  /** The requests so far, as the codec read them. */
  readonly requests: readonly GenerateRequest[];
  readonly bodies: readonly Json[];
  close(): Promise<void>;
}

/** A server that is nothing but one codec behind a socket: for the published clients of its protocol. Any path is taken. */
export async function startCodecServer(
  { server: half }: Protocol,
  reply: (request: GenerateRequest) => CodecReply,
): Promise<CodecServer> {
  const requests: GenerateRequest[] = [];
  const bodies: Json[] = [];

  function answer(body: Json, response: ServerResponse): void {
    bodies.push(body);
    const request = half.readRequest(body);
    const envelope: Envelope = {
      id: `gen_${requests.push(request)}`,
      requestId: 'req_1',
      createdAt: 1_770_000_000,
      model: request.model,
      provider: 'host',
      creditsPerUsd: 2_000_000n,
    };
    const { events, fault } = reply(request);
    if (fault !== undefined && events.length === 0) throw fault;
    if (request.delivery.kind === 'whole') {
      send(response, 200, 'application/json', JSON.stringify(half.writeAnswer(fold(events), envelope, request)));
      return;
    }
    const writer = half.streamWriter(envelope, request);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) response.write(writer.write([event]));
    response.end(fault === undefined ? writer.end() : writer.fault(fault));
  }

  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      try {
        answer(parseJson(Buffer.concat(chunks).toString()) ?? null, response);
      } catch (error) {
        const fault = FlashmuxError.is(error) ? error : new FlashmuxError('internal', String(error));
        send(response, fault.row.status, 'application/json', JSON.stringify(half.writeFault(fault, 'req_1')));
      }
    });
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    requests,
    bodies,
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type });
  response.end(text);
}
