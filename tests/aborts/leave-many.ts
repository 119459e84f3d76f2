import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { longChat, postChat, shortChat } from '../support/chat-body.ts';
import type { TestServer } from '../support/test-server.ts';
import { LeavingClient } from './leaving-client.ts';
import { untilSettled } from './watch.ts';

const atOnce = 6;
/** Caches, compiled code and the allocator's habits. A leak of one stream's buffers a client would be more. */
const heapGrowthBytes = 12 * 2 ** 20;
const engineGrowthBytes = 48 * 2 ** 20;

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

/** So many clients leave, some at the same time; then everything is as it was: connections, timers, sequences, holds, memory. */
export async function leaveMany(server: TestServer, clients: number): Promise<void> {
  // Pools and caches grow to their working size first.
  await leaveSome(server, 48);
  const before = await measure(server);
  await leaveSome(server, clients);
  const after = await measure(server);

  expect(after.resources).toEqual(before.resources);
  expect(after.restarts).toBe(before.restarts);
  expect(after.heapBytes - before.heapBytes).toBeLessThan(heapGrowthBytes);
  expect(after.engineBytes - before.engineBytes).toBeLessThan(engineGrowthBytes);
  expect((await postChat(server, shortChat)).status).toBe(200);
}

async function leaveSome(server: TestServer, clients: number): Promise<void> {
  for (let done = 0; done < clients; done += atOnce) {
    await Promise.all(Array.from({ length: Math.min(atOnce, clients - done) }, (_, index) => leaveOne(server, done + index)));
  }
  await untilSettled(server);
}

const ways: readonly JsonObject[] = [
  { ...longChat, stream: true },
  { ...longChat, stream: true, n: 3 },
  { ...longChat },
  { ...longChat, stream: true, enable_thinking: true, thinking_budget: 500 },
  { ...longChat, stream: true, messages: [{ role: 'user', content: 'Hello again. '.repeat(200) }] },
  { ...longChat, stream: true, model: 'scripted/stall' },
  { ...longChat, stream: true, logprobs: true, top_logprobs: 5 },
];

/** By the number: before the reply, or after some frames of it. */
async function leaveOne(server: TestServer, number: number): Promise<void> {
  const body = ways[number % ways.length] ?? longChat;
  const client = new LeavingClient(server, body);
  const framesWanted = number % 4;
  if (framesWanted === 0 || body['stream'] !== true) await sleep(number % 30);
  else await client.frames(body['model'] === 'scripted/stall' ? 1 : framesWanted);
  await client.leave();
}

interface Measured {
  /** What keeps the process alive: sockets, servers, timers, children, by kind and number. */
  readonly resources: Readonly<Record<string, number>>;
  readonly heapBytes: number;
  readonly engineBytes: number;
  readonly restarts: number;
}

async function measure(server: TestServer): Promise<Measured> {
  const { residentBytes, restarts } = await server.server.engine.figures();
  if (typeof collectGarbage === 'function') collectGarbage();
  // Finalizers run after the collection.
  await sleep(20);
  if (typeof collectGarbage === 'function') collectGarbage();
  return { resources: resources(), heapBytes: process.memoryUsage().heapUsed, engineBytes: residentBytes, restarts };
}

function resources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
