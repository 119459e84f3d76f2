import type { AnswerEvent, EventBatch } from '../../model/event.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { fold } from '../../model/fold.ts';
import { isJsonObject, parseJson, type JsonObject } from '../../model/json.ts';
import type { Provider } from '../../model/ports.ts';
import { createOutgoing } from '../../net/create-outgoing.ts';
import { localServer, type Behaviour, type LocalServer } from '../../net/local-server.test-support.ts';
import { createKeyRing } from '../key-ring.ts';
import type { HttpHostOptions } from './host-sender.ts';

/** A provider in front of a real server on 127.0.0.1. */
export interface HostRig {
  readonly server: LocalServer;
  readonly provider: Provider;
  /** The body of the last request. */
  lastBody(): JsonObject;
  close(): Promise<void>;
}

/** `ticks`: the clock on which keys rest. */
export async function hostRig(
  create: (options: HttpHostOptions) => Provider,
  behave: Behaviour,
  { keys = ['key-a'], ticks = () => 0 }: { readonly keys?: readonly string[]; readonly ticks?: () => number } = {},
): Promise<HostRig> {
  const server = await localServer(behave);
  const outgoing = createOutgoing();
  const provider = create({
    name: 'host',
    baseUrl: `${server.origin}/v1`,
    keys: createKeyRing(keys, { ticks }),
    outgoing,
    cancellable: true,
  });
  return {
    server,
    provider,
    lastBody() {
      const body = parseJson(server.requests.at(-1)?.body ?? '');
      if (!isJsonObject(body)) throw new Error('the last request has no JSON object');
      return body;
    },
    async close() {
      await outgoing.close();
      await server.close();
    },
  };
}

export const eventStream = { 'content-type': 'text/event-stream; charset=utf-8' };
export const json = { 'content-type': 'application/json' };

/** Writes each piece by itself, so that they arrive one after the other. */
export function streaming(pieces: readonly (string | Uint8Array)[]): Behaviour {
  return async (reply) => {
    reply.writeHead(200, eventStream);
    for (const piece of pieces) {
      reply.write(piece);
      await new Promise((resolve) => setImmediate(resolve));
    }
    reply.end();
  };
}

/** What came, and the fault where there was one. Other errors are thrown. */
export interface Outcome {
  readonly events: readonly AnswerEvent[];
  readonly fault?: FlashmuxError;
}

export async function outcomeOf(run: AsyncIterable<EventBatch>): Promise<Outcome> {
  const events: AnswerEvent[] = [];
  try {
    for await (const batch of run) events.push(...batch);
    return { events };
  } catch (error) {
    if (FlashmuxError.is(error)) return { events, fault: error };
    throw error;
  }
}

/** The words of the first answer; parts that are no text by their kind. */
export function wordsOf(events: readonly AnswerEvent[]): string {
  return (fold(events).choices[0]?.parts ?? []).map((part) => (part.kind === 'text' ? part.text : `[${part.kind}]`)).join('');
}
