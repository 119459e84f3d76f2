import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { readPlan, wordsSaid, type Plan } from './plan.ts';

const asked = z.object({ model: z.string(), messages: z.array(z.object({ content: z.string() })) });

/**
 * A host of the chat protocol on a real socket, which does what the plan in the prompt says. With every word it tells the usage
 * so far, as vLLM does with `continuous_usage_stats`; the model `silent` tells none.
 */
export class ScriptedHost {
  readonly #server: Server;
  readonly #calls = new Map<number, number>();
  readonly #waiting = new Set<() => void>();
  #isOpen = false;
  #begun = 0;

  private constructor() {
    this.#server = createServer((request, reply) => void this.#answer(request, reply).catch(() => reply.destroy()));
  }

  static async start(): Promise<ScriptedHost> {
    const host = new ScriptedHost();
    const listening = Promise.withResolvers<void>();
    host.#server.listen(0, '127.0.0.1', listening.resolve);
    await listening.promise;
    return host;
  }

  get baseUrl(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The host has no port.');
    return `http://127.0.0.1:${address.port}/v1`;
  }

  /** How often it was asked for this request. */
  callsOf(number: number): number {
    return this.#calls.get(number) ?? 0;
  }

  /** Requests that it was asked, all together. */
  get calls(): number {
    let calls = 0;
    for (const count of this.#calls.values()) calls += count;
    return calls;
  }

  /** Answers that have said their first word. */
  get begun(): number {
    return this.#begun;
  }

  /** Answers that wait to be let go on. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Lets everything go on, and from now on holds nothing back. */
  open(): void {
    this.#isOpen = true;
    for (const goOn of this.#waiting) goOn();
    this.#waiting.clear();
  }

  /** Holds back again what comes from now on. */
  shut(): void {
    this.#isOpen = false;
  }

  async close(): Promise<void> {
    this.open();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const { model, messages } = asked.parse(JSON.parse(Buffer.concat(chunks).toString()));
    const plan = readPlan(messages.at(-1)?.content ?? '');
    this.#calls.set(plan.number, this.callsOf(plan.number) + 1);
    if (plan.fails === 'start') {
      reply.writeHead(503, { 'content-type': 'application/json' });
      reply.end(JSON.stringify({ error: { message: 'The plan says so.', type: 'server_error', code: 'planned' } }));
      return;
    }
    reply.writeHead(200, { 'content-type': 'text/event-stream' });
    const hasLeft = (): boolean => reply.destroyed || reply.socket === null || reply.socket.destroyed;
    const say = (fields: object): void => void reply.write(frame(model, fields));
    const tells = (words: number): object => (model === 'silent' ? {} : { usage: usageOf(plan, words) });
    for (let word = 1; word <= wordsSaid(plan); word++) {
      if (word - 1 === plan.waitsAfter && !this.#isOpen) await this.#wait(reply);
      if (plan.pauseMs > 0) await pause(plan.pauseMs);
      if (hasLeft()) return;
      if (word === 1) this.#begun += 1;
      say({ choices: [{ index: 0, delta: { content: `w${word} ` }, finish_reason: null }], ...tells(word) });
    }
    if (plan.fails === 'middle') {
      reply.destroy();
      return;
    }
    say({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    say({ choices: [], ...tells(plan.words) });
    reply.end('data: [DONE]\n\n');
  }

  /** Until it is let go on, or nobody listens any more. */
  async #wait(reply: ServerResponse): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    reply.once('close', resolve);
    await promise;
    reply.off('close', resolve);
    this.#waiting.delete(resolve);
  }
}

function usageOf({ number }: Plan, words: number): object {
  return { prompt_tokens: number, completion_tokens: words, total_tokens: number + words };
}

function frame(model: string, fields: object): string {
  const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, model };
  return `data: ${JSON.stringify({ ...head, ...fields })}\n\n`;
}
