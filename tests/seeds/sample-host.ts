import { createServer } from 'node:http';
import { parseJson, type Json, type JsonObject } from '../../src/model/json.ts';

/** A host of the chat protocol that says and bills what a page printed. It keeps what it was asked. */
export interface SampleHost {
  readonly baseUrl: string;
  /** Bodies of all calls so far, in their order. */
  readonly bodies: readonly Json[];
  close(): Promise<void>;
}

export interface SampleAnswer {
  /** Status of the answer. Absent: 200. */
  readonly status?: number;
  readonly text: string;
  readonly usage: JsonObject;
  /** What it thought before. Absent: nothing. */
  readonly thoughts?: string;
}

/** `answer` is asked at each call, with the call's body. */
export async function startSampleHost(answer: (body: Json) => SampleAnswer): Promise<SampleHost> {
  const bodies: Json[] = [];
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = parseJson(Buffer.concat(chunks).toString()) ?? null;
      bodies.push(body);
      const said = answer(body);
      const { status = 200, text } = said;
      if (status !== 200) {
        reply.writeHead(status, { 'content-type': 'application/json' });
        reply.end(JSON.stringify({ error: { message: text } }));
        return;
      }
      reply.writeHead(200, { 'content-type': 'text/event-stream' });
      reply.end([...frames(said), '[DONE]'].map((data) => `data: ${data}\n\n`).join(''));
    });
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    bodies,
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

function frames({ text, usage, thoughts }: SampleAnswer): readonly string[] {
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_777_000_000, model: 'host' };
  const delta = (fields: JsonObject): JsonObject => ({ ...head, choices: [{ index: 0, delta: fields, finish_reason: null }] });
  const said: readonly JsonObject[] = [
    delta({ role: 'assistant', content: '' }),
    ...(thoughts === undefined ? [] : [delta({ reasoning_content: thoughts })]),
    delta({ content: text }),
    { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    { ...head, choices: [], usage },
  ];
  return said.map((frame) => JSON.stringify(frame));
}
