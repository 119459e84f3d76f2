import { createServer, type ServerResponse } from 'node:http';
import type { Json, JsonObject } from '../../src/model/json.ts';

/** What the host says at one call, in the words of chat completions. */
export interface Saying {
  readonly thought?: string;
  readonly text?: string;
  /** Entries of `tool_calls`, each in a delta of its own, exactly as written here. */
  readonly calls?: readonly Json[];
  readonly finish?: string;
  /** Tokens of input and output. */
  readonly usage?: readonly [input: number, output: number];
  /** An error reply with this status in place of an answer. */
  readonly status?: number;
  /** True: the stream stays open after the text, until somebody closes it. */
  readonly hangs?: boolean;
}

/** A host of chat completions that says one thing after the other, and the last one for ever, over real sockets. */
export interface WaywardUpstream {
  readonly baseUrl: string;
  /** The bodies that it was sent. */
  readonly bodies: JsonObject[];
  /** Forgets what it was asked, and says these things from now on. */
  says(...sayings: readonly Saying[]): void;
  /** Answers that are being sent. */
  readonly open: () => number;
  close(): Promise<void>;
}

export async function startWaywardUpstream(): Promise<WaywardUpstream> {
  const bodies: JsonObject[] = [];
  let sayings: readonly Saying[] = [];
  let open = 0;
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const saying = sayings[Math.min(bodies.length, sayings.length - 1)] ?? {};
      bodies.push(JSON.parse(Buffer.concat(chunks).toString()));
      open++;
      reply.on('close', () => open--);
      send(reply, saying);
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
    says(...next) {
      bodies.length = 0;
      sayings = next;
    },
    open: () => open,
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

function send(reply: ServerResponse, { thought, text = '', calls = [], finish, usage = [10, 5], status, hangs }: Saying): void {
  if (status !== undefined) {
    reply.writeHead(status, { 'content-type': 'application/json' });
    reply.end(JSON.stringify({ error: { message: 'no', type: 'invalid_request_error', code: 'no' } }));
    return;
  }
  reply.writeHead(200, { 'content-type': 'text/event-stream' });
  const frame = (choices: readonly Json[], more: JsonObject = {}): void => {
    const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'host', choices, ...more };
    reply.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  const delta = (fields: JsonObject, reason: string | null = null): void =>
    frame([{ index: 0, delta: fields, finish_reason: reason }]);
  delta({ role: 'assistant' });
  if (thought !== undefined) delta({ reasoning_content: thought });
  for (const piece of text.match(/[^]{1,9}/g) ?? []) delta({ content: piece });
  if (hangs === true) return;
  for (const call of calls) delta({ tool_calls: [call] });
  delta({}, finish ?? (calls.length > 0 ? 'tool_calls' : 'stop'));
  const [input, output] = usage;
  frame([], { usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output } });
  reply.end('data: [DONE]\n\n');
}
