import { setTimeout as pause } from 'node:timers/promises';
import { openaiResponsesDialect } from '../../dialects/openai-responses/openai-responses-dialect.ts';
import { replayedEvents } from '../../dialects/openai-responses/replayed-events.ts';
import { eventFrame } from '../../dialects/openai-responses/response-call.ts';
import type { JsonObject } from '../../model/json.ts';
import { currentObject } from '../../sessions/create-sessions.ts';
import type { KeptResponse } from '../../sessions/kept-response.ts';
import { EventStream } from '../event-stream.ts';
import type { Incoming } from '../incoming.ts';
import type { ResponseDeps } from './response-deps.ts';

/** How often the store is asked for what has come meanwhile, whichever process runs the response. */
const lookEveryMs = 200;

interface Following {
  readonly kept: KeptResponse;
  /** The number of the last event that the caller has; -1 for none. */
  readonly after: number;
}

/** The events of a kept response as a stream: those that there are, and those that come until its end. */
export async function streamKept(
  incoming: Incoming,
  { kept, after }: Following,
  { sessions }: Pick<ResponseDeps, 'sessions'>,
): Promise<void> {
  const stream = new EventStream(incoming, kept.id, openaiResponsesDialect.stream, {});
  try {
    await stream.write('');
    for await (const texts of follow({ kept, after }, sessions, incoming.signal)) {
      if (incoming.signal.aborted) break;
      await stream.write(texts.map(eventFrame).join(''));
    }
    incoming.signal.throwIfAborted();
    await stream.end('');
  } finally {
    stream.close();
  }
}

async function* follow(
  { kept, after }: Following,
  sessions: ResponseDeps['sessions'],
  signal: AbortSignal,
): AsyncGenerator<readonly string[], void, undefined> {
  const { id, accountId, object } = kept;
  let next = after + 1;
  if (object['background'] !== true) {
    yield replayedEvents(currentObject(kept))
      .slice(next)
      .map((event) => JSON.stringify(event));
    return;
  }
  while (!signal.aborted) {
    // Asked before its events are: what ends a response and its last events are there at once.
    const isRunning = (await sessions.background.running([id])).length > 0;
    const lots = await sessions.background.events(id, next - 1);
    for (const { first, texts } of lots) {
      yield texts.slice(Math.max(next - first, 0));
      next = first + texts.length;
    }
    if (lots.length > 0) continue;
    if (!isRunning) {
      yield lastWords(await sessions.response(accountId, id), next);
      return;
    }
    await pause(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
}

/** For what ended without a word of its own, because it was cancelled or its process died. */
function lastWords(ended: KeptResponse, number: number): readonly string[] {
  if (ended.status === 'cancelled') return [JSON.stringify(errorEvent(number))];
  if (ended.object['status'] === ended.status) return [];
  return [JSON.stringify({ type: 'response.failed', sequence_number: number, response: currentObject(ended) })];
}

/** OpenAI's clients know no event of a response that was cancelled. */
function errorEvent(number: number): JsonObject {
  const told = { code: 'client_closed_request', message: 'The response was cancelled.', param: null };
  return { type: 'error', sequence_number: number, ...told, error: { type: 'invalid_request_error', ...told } };
}
