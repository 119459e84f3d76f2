import { createServer, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** A host of the chat protocol that begins every answer at once and ends none until it is told to. */
export interface GatedUpstream {
  readonly baseUrl: string;
  /** Answers that were begun. */
  readonly begun: () => number;
  /** Ends what was begun, and from then on every answer at once. */
  open(): void;
  close(): Promise<void>;
}

export const told = { prompt_tokens: 3, completion_tokens: 1 };

const head = { object: 'chat.completion.chunk', created: 1_700_000_000, model: 'host' };
const frame = (fields: object): string => `data: ${JSON.stringify({ id: 'chatcmpl-1', ...head, ...fields })}\n\n`;
const first = frame({ choices: [{ index: 0, delta: { role: 'assistant', content: 'Yes' }, finish_reason: null }] });
const rest = [
  frame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
  frame({ choices: [], usage: { ...told, total_tokens: 4 } }),
  'data: [DONE]\n\n',
].join('');

export async function startGatedUpstream(): Promise<GatedUpstream> {
  const waiting = new Set<ServerResponse>();
  let begun = 0;
  let isOpen = false;
  const server = createServer((request, reply) => {
    request.resume();
    request.on('end', () => {
      begun++;
      reply.writeHead(200, { 'content-type': 'text/event-stream' });
      reply.write(first);
      if (isOpen) reply.end(rest);
      else waiting.add(reply);
    });
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    begun: () => begun,
    open() {
      isOpen = true;
      for (const reply of waiting) reply.end(rest);
      waiting.clear();
    },
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

/** Waits until all of them together have begun so many answers; rejects after 60 s. */
export async function untilBegun(upstreams: readonly GatedUpstream[], answers: number): Promise<void> {
  const begun = (): number => upstreams.reduce((sum, upstream) => sum + upstream.begun(), 0);
  for (let round = 0; round < 3000; round++) {
    if (begun() >= answers) return;
    await sleep(20);
  }
  throw new Error(`only ${begun()} of ${answers} answers were begun within 60 s`);
}
