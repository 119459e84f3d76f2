import { afterEach, describe, expect, test } from 'vitest';
import type { Attempt, Provider } from '../../model/ports.ts';
import { createOutgoing } from '../../net/create-outgoing.ts';
import { localServer, type Behaviour } from '../../net/local-server.test-support.ts';
import { attemptOf, requestOf } from '../attempt.test-support.ts';
import { createKeyRing } from '../key-ring.ts';
import { createOpenAiCompatible } from '../openai-compatible/create-openai-compatible.ts';
import { createOpenAiEmbeddings } from '../openai-compatible/create-openai-embeddings.ts';
import { quirksRows } from '../quirks.ts';
import { hostRig, json, outcomeOf, wordsOf, type HostRig, type Outcome } from './host-rig.test-support.ts';
import type { HttpHostOptions } from './host-sender.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

const answer = JSON.stringify({
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Yes' }, finish_reason: 'stop' }],
});
const refusal = JSON.stringify({ error: { message: 'no', type: 't', code: 'c', param: null } });

/** What a host does with each key; keys without an entry are good. */
type Doors = Readonly<Record<string, { readonly status: number; readonly headers?: Readonly<Record<string, string>> }>>;

const create = (options: HttpHostOptions): Provider => createOpenAiCompatible({ ...options, quirks: quirksRows.generic });

async function doors(closed: Doors, keys: readonly string[], ticks?: () => number): Promise<HostRig> {
  const behave: Behaviour = (reply, { headers }) => {
    const door = closed[headers.authorization?.replace('Bearer ', '') ?? ''];
    if (door === undefined) reply.writeHead(200, json).end(answer);
    else reply.writeHead(door.status, { ...json, ...door.headers }).end(refusal);
  };
  const rig = await hostRig(create, behave, { keys, ...(ticks === undefined ? {} : { ticks }) });
  cleanups.push(() => rig.close());
  return rig;
}

function ask({ provider }: HostRig, more: Partial<Attempt> = {}): Promise<Outcome> {
  return outcomeOf(provider.run({ ...attemptOf(requestOf('hi')), ...more }, new AbortController().signal));
}

const askedWith = ({ server }: HostRig): readonly unknown[] => server.requests.map(({ headers }) => headers.authorization);

describe('a key that its host refuses or throttles', () => {
  test.each([401, 402, 403, 429])('%i: the next key is tried at once, and the first one rests', async (status) => {
    const rig = await doors({ a: { status } }, ['a', 'b']);
    expect(wordsOf((await ask(rig)).events)).toBe('Yes');
    await ask(rig);
    expect(askedWith(rig)).toEqual(['Bearer a', 'Bearer b', 'Bearer b']);
  });

  test('is back after 10 minutes where it was refused', async () => {
    let now = 0;
    const rig = await doors({ a: { status: 401 } }, ['a', 'b'], () => now);
    await ask(rig);
    now = 599_999;
    await ask(rig);
    now = 600_000;
    await ask(rig);
    expect(askedWith(rig)).toEqual(['Bearer a', 'Bearer b', 'Bearer b', 'Bearer a', 'Bearer b']);
  });

  test.each([
    ['as long as the host says', { 'retry-after': '3' }, 3_000],
    ['10 seconds where it does not say', {}, 10_000],
  ])('rests %s after a 429', async (_, headers, restMs) => {
    let now = 0;
    const rig = await doors({ a: { status: 429, headers } }, ['a', 'b'], () => now);
    await ask(rig);
    now = restMs - 1;
    await ask(rig);
    now = restMs;
    await ask(rig);
    expect(askedWith(rig)).toEqual(['Bearer a', 'Bearer b', 'Bearer b', 'Bearer a', 'Bearer b']);
  });

  test('each key is tried once where all are refused, and the caller gets the fault of the last with its wait', async () => {
    const closed = { a: { status: 401 }, b: { status: 403 }, c: { status: 429, headers: { 'retry-after': '7' } } };
    const rig = await doors(closed, ['a', 'b', 'c']);
    const { fault, events } = await ask(rig);
    expect(fault).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 7, upstream: { provider: 'host', status: 429 } });
    expect(events).toEqual([]);
    expect(askedWith(rig)).toEqual(['Bearer a', 'Bearer b', 'Bearer c']);
  });

  test.each([400, 404, 500, 503])('a %i is no fault of the key: no other one is tried', async (status) => {
    const rig = await doors({ a: { status } }, ['a', 'b']);
    expect((await ask(rig)).fault).toBeDefined();
    expect(askedWith(rig)).toEqual(['Bearer a']);
  });

  test('no other key is tried once something was answered', async () => {
    const chunk = { object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content: 'Hel' }, finish_reason: null }] };
    const error = { error: { message: 'slow down', type: 'rate_limit_error', code: 'rate_limit' } };
    const rig = await hostRig(
      create,
      (reply) => {
        reply.writeHead(200, { 'content-type': 'text/event-stream' });
        reply.end(`data: ${JSON.stringify(chunk)}\n\ndata: ${JSON.stringify(error)}\n\n`);
      },
      { keys: ['a', 'b'] },
    );
    cleanups.push(() => rig.close());
    const { fault, events } = await ask(rig);
    expect(fault?.code).toBe('rate_limited');
    expect(wordsOf(events)).toBe('Hel');
    expect(askedWith(rig)).toEqual(['Bearer a']);
  });
});

describe("a caller's own key", () => {
  test('stands in place of ours, and ours are not tried where it is refused', async () => {
    const rig = await doors({ theirs: { status: 401 } }, ['a', 'b']);
    const { fault } = await ask(rig, { ownKey: 'theirs' });
    expect(fault).toMatchObject({ code: 'upstream_refused', message: expect.stringContaining("account's own key") });
    expect(askedWith(rig)).toEqual(['Bearer theirs']);
    await ask(rig);
    expect(askedWith(rig)).toEqual(['Bearer theirs', 'Bearer a']);
  });
});

test('vectors are asked for with one key after the other, too', async () => {
  const vectors = { object: 'list', data: [{ object: 'embedding', index: 0, embedding: [1, 2] }], model: 'm' };
  const server = await localServer((reply, { headers }) => {
    const isGood = headers.authorization === 'Bearer b';
    reply.writeHead(isGood ? 200 : 401, json).end(isGood ? JSON.stringify(vectors) : refusal);
  });
  cleanups.push(() => server.close());
  const outgoing = createOutgoing();
  cleanups.push(() => outgoing.close());
  const keys = createKeyRing(['a', 'b'], { ticks: () => 0 });
  const host = createOpenAiEmbeddings({ name: 'host', baseUrl: server.origin, keys, outgoing });
  const { deadlines, requestId } = attemptOf(requestOf('hi'));
  const request = { model: 'm', inputs: [{ kind: 'text', text: 'hi' }] } as const;
  const told = await host.embed({ request, provider: 'host', requestId, deadlines }, new AbortController().signal);
  expect(told.vectors).toEqual([[1, 2]]);
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer a', 'Bearer b']);
});
