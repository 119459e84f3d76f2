import { createServer } from 'node:http';
import type { JsonObject } from '../../src/model/json.ts';

/** A host of the chat protocol that keeps what it was asked and always says the same word. */
export interface RecordingUpstream {
  readonly baseUrl: string;
  /** The body of the last request. */
  readonly lastBody: () => JsonObject;
  close(): Promise<void>;
}

const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'host' };
const frames = [
  { ...head, choices: [{ index: 0, delta: { role: 'assistant', content: 'Yes' }, finish_reason: null }] },
  { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
  { ...head, choices: [], usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 } },
];

export async function startRecordingUpstream(): Promise<RecordingUpstream> {
  let last: JsonObject = {};
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      last = JSON.parse(Buffer.concat(chunks).toString());
      reply.writeHead(200, { 'content-type': 'text/event-stream' });
      reply.end([...frames.map((frame) => JSON.stringify(frame)), '[DONE]'].map((data) => `data: ${data}\n\n`).join(''));
    });
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    lastBody: () => last,
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}
