import { Agent, request, type IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { PlaceModel } from './place.ts';
import type { Plan } from './plan.ts';

/** How one request ended for its caller. */
export type Reply =
  /** All of it arrived. `isReplay`: it was answered before, under the same key. */
  | {
      readonly kind: 'complete';
      readonly id: string;
      readonly costUsd: number;
      readonly text: string;
      readonly isReplay: boolean;
    }
  /** The server said no before the first word. */
  | { readonly kind: 'refused'; readonly status: number; readonly code: string }
  /** The server said no in the middle of a stream. */
  | { readonly kind: 'broken'; readonly id: string; readonly code: string }
  /** The caller closed the connection, and had seen so many words by then. */
  | { readonly kind: 'left'; readonly id?: string; readonly wordsSeen: number }
  /** The connection broke. */
  | { readonly kind: 'cut' };

export interface Asking {
  readonly url: string;
  readonly key: string;
  readonly model: PlaceModel;
  readonly plan: Plan;
  /** Absent: streamed. */
  readonly whole?: boolean;
  readonly idempotencyKey?: string;
  /** Closes the connection once so many bytes of the reply have come, its head counted as nothing; 0: with the head. */
  readonly leavesAfterBytes?: number;
  /** Closes the connection after so many bytes of the request. */
  readonly leavesWithinRequest?: number;
  /** Closes the connection after so many milliseconds, whatever has come. */
  readonly leavesAfterMs?: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 2_000 });

const answer = z.object({ id: z.string(), usage: z.object({ cost_usd: z.number() }).nullish() });
const fault = z.object({ error: z.object({ code: z.string() }) });

/** Asks once, over a socket. Resolves however it ends; rejects only where the reply is none that flashmux should ever give. */
export async function ask(asking: Asking): Promise<Reply> {
  const { url, key, model, plan, whole = false, idempotencyKey, leavesWithinRequest, leavesAfterMs } = asking;
  const body = JSON.stringify({
    model,
    messages: [{ role: 'user', content: JSON.stringify(plan) }],
    max_completion_tokens: 4_000,
    ...(whole ? {} : { stream: true, stream_options: { include_usage: true } }),
  });
  // One who leaves has a connection of its own: leaving is closing it.
  const leaves = [asking.leavesAfterBytes, leavesWithinRequest, leavesAfterMs].some((when) => when !== undefined);
  const sending = request(`${url}/v1/chat/completions`, {
    method: 'POST',
    agent: leaves ? false : agent,
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    },
  });
  const replied = Promise.withResolvers<IncomingMessage | undefined>();
  sending.once('response', replied.resolve);
  sending.on('error', () => replied.resolve(undefined));
  if (leavesWithinRequest !== undefined) {
    sending.write(body.slice(0, leavesWithinRequest), () => sending.destroy());
    await replied.promise;
    return { kind: 'left', wordsSeen: 0 };
  }
  sending.end(body);
  const timer = leavesAfterMs === undefined ? undefined : setTimeout(() => sending.destroy(), leavesAfterMs);
  try {
    const reply = await replied.promise;
    const hasLeft = (): boolean => leaves && sending.destroyed && reply?.complete !== true;
    if (reply === undefined) return hasLeft() ? { kind: 'left', wordsSeen: 0 } : { kind: 'cut' };
    const read = await readBody(reply, asking);
    if (read.end === 'left') sending.destroy();
    return replyOf(reply, hasLeft() ? { ...read, end: 'left' } : read);
  } finally {
    clearTimeout(timer);
  }
}

interface ReadBody {
  readonly text: string;
  readonly end: 'whole' | 'left' | 'cut';
}

async function readBody(reply: IncomingMessage, { leavesAfterBytes }: Asking): Promise<ReadBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const textSoFar = (): string => Buffer.concat(chunks).toString();
  if (leavesAfterBytes === 0) return { text: '', end: 'left' };
  try {
    for await (const chunk of reply) {
      const piece = Buffer.from(chunk);
      bytes += piece.length;
      chunks.push(piece);
      if (leavesAfterBytes !== undefined && bytes >= leavesAfterBytes) return { text: textSoFar(), end: 'left' };
    }
  } catch {
    return { text: textSoFar(), end: 'cut' };
  }
  return { text: textSoFar(), end: reply.complete ? 'whole' : 'cut' };
}

function replyOf(reply: IncomingMessage, { text, end }: ReadBody): Reply {
  const isStream = reply.headers['content-type']?.startsWith('text/event-stream') === true;
  const frames = isStream ? [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, json = '']): unknown => JSON.parse(json)) : [];
  const [first] = frames;
  const id = first === undefined ? undefined : answer.safeParse(first).data?.id;
  if (end === 'left') return { kind: 'left', ...(id === undefined ? {} : { id }), wordsSeen: wordsIn(text) };
  const broken = frames.map((each) => fault.safeParse(each).data).find((each) => each !== undefined);
  if (broken !== undefined) return { kind: 'broken', id: id ?? '', code: broken.error.code };
  if (end === 'cut') return { kind: 'cut' };
  const status = reply.statusCode ?? 0;
  if (status !== 200) return { kind: 'refused', status, code: fault.parse(JSON.parse(text)).error.code };
  const isReplay = reply.headers['idempotent-replayed'] === 'true';
  if (!isStream) return completed([JSON.parse(text)], text, isReplay);
  // A stream that ends without its last word was cut by somebody who closed it in order.
  if (!text.endsWith('data: [DONE]\n\n')) return { kind: 'cut' };
  return completed(frames, text, isReplay);
}

/** A frame that was not read to its end was not seen. */
function wordsIn(text: string): number {
  return [...text.matchAll(/^data: \{.*"content":\s?"w\d+ ".*\}\n/gm)].length;
}

function completed(answers: readonly unknown[], text: string, isReplay: boolean): Reply {
  const read = answers.map((each) => answer.parse(each));
  const costUsd = read.findLast(({ usage }) => usage !== undefined && usage !== null)?.usage?.cost_usd;
  const id = read[0]?.id;
  if (id === undefined || costUsd === undefined) throw new Error(`A complete answer has an id and says its cost:\n${text}`);
  const words = [...text.matchAll(/"content":\s?"([^"]*)"/g)].map(([, content = '']) => content).join('');
  return { kind: 'complete', id, costUsd, text: words, isReplay };
}
