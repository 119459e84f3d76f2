import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** How a host fails, by the first word of its path: `http://.../stall/v1`. */
export const faultNames = [
  'reset-before-head',
  'reset-mid-stream',
  'slow-head',
  'stall-mid-stream',
  'status-401',
  'status-429',
  'status-429-retry-after',
  'status-500',
  'status-503',
  'malformed-json',
  'malformed-sse',
  'wrong-content-type',
  'duplicate-finish',
  'missing-finish',
  'huge-chunk',
  'usage-twice',
  'usage-repeated-totals',
  'no-usage',
  'absurd-usage',
  'fails-once',
  'busy-once',
] as const;
export type FaultName = (typeof faultNames)[number];

export interface FaultyHost {
  /** Of the host that fails like this; `good`: that does not fail. */
  baseUrl(fault: FaultName | 'good'): string;
  /** How often the host was asked. */
  asked(fault: FaultName | 'good'): number;
  close(): Promise<void>;
}

const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'theirs' };
const words = ['One ', 'two ', 'three'];
const said = words.map((content) => frame({ delta: { role: 'assistant', content }, finish_reason: null }));
const finish = frame({ delta: {}, finish_reason: 'stop' });
const usage = usageFrame(7, 3);
const done = 'data: [DONE]\n\n';
/** 1 MiB in one delta, 64 KiB of it a line of base64 each way: one readable chunk never holds it. */
export const hugeText = 'a'.repeat(1_048_576);

function frame(choice: object): string {
  return `data: ${JSON.stringify({ ...head, choices: [{ index: 0, ...choice }] })}\n\n`;
}

function usageFrame(prompt: number, completion: number): string {
  const usageFields = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
  return `data: ${JSON.stringify({ ...head, choices: [], usage: usageFields })}\n\n`;
}

type Play = (reply: ServerResponse, count: number) => void;

function stream(...pieces: readonly string[]): Play {
  return (reply) => {
    reply.writeHead(200, { 'content-type': 'text/event-stream' });
    reply.end(pieces.join(''));
  };
}

/** Sends some words, and then does something else than going on. */
function begun(after: Play): Play {
  return (reply, count) => {
    reply.writeHead(200, { 'content-type': 'text/event-stream' });
    reply.write(said.slice(0, 2).join(''), () => setImmediate(() => after(reply, count)));
  };
}

function status(code: number, headers: Readonly<Record<string, string>> = {}): Play {
  return (reply) => {
    reply.writeHead(code, { 'content-type': 'application/json', ...headers });
    reply.end(JSON.stringify({ error: { message: `This host says ${code}.`, type: 'some_error', code: 'some_code' } }));
  };
}

/** The first time it is asked, and never again. */
function atFirst(play: Play): Play {
  return (reply, count) => (count === 1 ? play : plays.good)(reply, count);
}

function reset({ socket }: ServerResponse): void {
  socket?.resetAndDestroy();
}

const plays: Readonly<Record<FaultName | 'good', Play>> = {
  good: stream(...said, finish, usage, done),
  'reset-before-head': reset,
  'reset-mid-stream': begun(reset),
  'slow-head': () => undefined,
  'stall-mid-stream': begun(() => undefined),
  'status-401': status(401),
  'status-429': status(429),
  'status-429-retry-after': status(429, { 'retry-after': '60' }),
  'status-500': status(500),
  'status-503': status(503),
  'malformed-json': stream('data: {"id": "chatcmpl-1", "choices": [{]}\n\n', done),
  'malformed-sse': stream('<html><body>It works!</body></html>\n\n'),
  'wrong-content-type': (reply) => {
    reply.writeHead(200, { 'content-type': 'text/html' });
    reply.end('<html><body>It works!</body></html>');
  },
  'duplicate-finish': stream(
    ...said,
    finish,
    finish,
    frame({ delta: { content: ' again' }, finish_reason: 'stop' }),
    usage,
    done,
  ),
  'missing-finish': stream(...said),
  'huge-chunk': stream(frame({ delta: { role: 'assistant', content: hugeText }, finish_reason: null }), finish, usage, done),
  'usage-twice': stream(...said, finish, usage, usage, done),
  'usage-repeated-totals': stream(usageFrame(7, 1), ...said, usageFrame(7, 2), finish, usage, done),
  'no-usage': stream(...said, finish, done),
  'absurd-usage': stream(...said, finish, usageFrame(-7, 10 ** 15), done),
  'fails-once': atFirst(reset),
  'busy-once': atFirst(status(429, { 'retry-after': '1' })),
};

export async function startFaultyHost(): Promise<FaultyHost> {
  const counts = new Map<string, number>();
  const server = createServer((request, reply) => {
    request.resume().on('end', () => answer(request, reply, counts));
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return {
    baseUrl: (fault) => `http://127.0.0.1:${address.port}/${fault}/v1`,
    asked: (fault) => counts.get(fault) ?? 0,
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}

function answer({ url = '' }: IncomingMessage, reply: ServerResponse, counts: Map<string, number>): void {
  const [, name = ''] = url.split('/');
  counts.set(name, (counts.get(name) ?? 0) + 1);
  const [, play] = Object.entries(plays).find(([known]) => known === name) ?? [];
  if (play === undefined) reply.writeHead(404).end();
  else play(reply, counts.get(name) ?? 0);
}
