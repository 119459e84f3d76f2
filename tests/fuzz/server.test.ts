import { request } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from 'vitest';
import { fuzzRuns } from '../support/arbitraries/fuzz-runs.ts';
import { postText } from '../support/chat-body.ts';
import { untilNoHoldIsOpen } from '../support/open-holds.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cheap, ownStatuses, rightBody } from './chat-bodies.ts';
import { checkReply } from './check-reply.ts';
import { mutated } from './mutated.ts';

/** Requests under way at the same time; the engine runs as many. */
const atOnce = 4;
/** A case that takes longer hangs. Generous, because the machine may be busy. */
const answeredWithinMs = 30_000;
const longestRunMs = 1_800_000;

let server: TestServer;
let engineBefore: number | undefined;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

beforeEach(() => {
  engineBefore = server.server.engine.pid;
});
afterEach(async () => {
  await server.idle();
  expect(server.server.engine.pid).toBe(engineBefore);
  expect(await server.server.engine.figures()).toMatchObject({ restarts: 0, activeSequences: 0, queued: 0 });
  await untilNoHoldIsOpen(server);
});

function inTime(): { readonly signal: AbortSignal } {
  return { signal: AbortSignal.timeout(answeredWithinMs) };
}

/** Runs so many cases, some at the same time. */
async function fuzz<Case>(cases: fc.Arbitrary<Case>, runs: number, check: (one: Case) => Promise<void>): Promise<void> {
  const together = fc.array(cases, { minLength: atOnce, maxLength: atOnce });
  const property = fc.asyncProperty(together, async (batch) => void (await Promise.all(batch.map(check))));
  await fc.assert(property, { numRuns: Math.ceil(runs / atOnce) });
}

test(
  'requests with fields dropped, doubled, renamed or of any value are answered or refused, never failed',
  { timeout: longestRunMs },
  async () => {
    await fuzz(mutated(rightBody).map(cheap), fuzzRuns, async (body) => {
      await checkReply(await postText(server, JSON.stringify(body), inTime()), ownStatuses(body));
    });
  },
);

/** Half of them letters and digits, which leave more of the bodies JSON. */
const anyByte = fc.oneof(fc.nat(255), fc.integer({ min: 0x30, max: 0x39 }), fc.integer({ min: 0x61, max: 0x7a }));
const flips = fc.array(
  fc.record({ at: fc.nat(), byte: anyByte, how: fc.constantFrom('flip', 'flip', 'flip', 'insert', 'insert', 'cut', 'delete') }),
  {
    minLength: 1,
    maxLength: 3,
  },
);
const engineBody = rightBody.map((body) => cheap({ ...body, model: 'qwen3.5-flash', max_tokens: 6 }));
const flipped = fc.tuple(engineBody, flips).map(([body, changes]) => {
  let bytes = Buffer.from(JSON.stringify(body));
  for (const { at, byte, how } of changes) {
    const place = at % Math.max(1, bytes.length);
    const rest = how === 'insert' ? place : place + 1;
    const between = how === 'flip' || how === 'insert' ? [byte] : [];
    bytes = Buffer.concat([bytes.subarray(0, place), Buffer.from(between), ...(how === 'cut' ? [] : [bytes.subarray(rest)])]);
  }
  return new Uint8Array(bytes);
});

test('bodies with bytes flipped, added and cut are answered or refused, never failed', { timeout: longestRunMs }, async () => {
  await fuzz(flipped, fuzzRuns, async (bytes) => checkReply(await postText(server, bytes, inTime())));
});

const segment = fc.oneof(
  fc.constantFrom('v1', 'chat', 'completions', 'models', 'qwen3.5-flash', 'healthz', 'readyz', '..', '', '%2e', '%00', '%'),
  fc.webSegment(),
);
const path = fc.tuple(fc.array(segment, { maxLength: 5 }), fc.webQueryParameters()).map(([segments, query]) => {
  return `/${segments.join('/')}${query === '' ? '' : `?${query}`}`;
});
const headerName = fc.oneof(
  fc.constantFrom('authorization', 'x-api-key', 'content-type', 'content-encoding', 'accept', 'host', 'expect', 'cookie'),
  fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/).filter((name) => !hopByHop.has(name)),
);
/** These change the framing itself; src/http tests them byte by byte. */
const hopByHop = new Set(['connection', 'transfer-encoding', 'content-length', 'upgrade', 'te', 'trailer', 'keep-alive']);
const headerValue = fc.oneof(
  fc.constantFrom('application/json', 'gzip', 'br', 'Bearer ', 'Bearer x', '*/*', '100-continue', '0', ''),
  fc.stringMatching(/^[\x20-\x7e\xa0-\xff]{0,60}$/),
);
const strange = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'M-SEARCH', 'PURGE'),
  path,
  headers: fc.dictionary(headerName, headerValue, { maxKeys: 5 }),
  withKey: fc.boolean(),
  body: fc.oneof(
    fc.constant(''),
    fc.string(),
    fc.json(),
    engineBody.map((json) => JSON.stringify(json)),
  ),
});

test('any method, path and headers get a reply with ids, never a fault of the server', { timeout: longestRunMs }, async () => {
  await fuzz(strange, fuzzRuns, async ({ method, path: target, headers, withKey, body }) => {
    // Without a length, Node sends the body of a DELETE as the beginning of the next request.
    const given = {
      ...(withKey ? { authorization: `Bearer ${server.key}` } : {}),
      ...headers,
      'content-length': String(Buffer.byteLength(body)),
    };
    const { status, ids, text } = await send(method, target, given, body);
    expect(status, `${method} ${target}`).toBeLessThan(500);
    expect(ids[0]).toMatch(/^req_/);
    expect(ids[1]).toBe(ids[0]);
    if (status >= 400 && method !== 'HEAD') expect(JSON.parse(text)).toMatchObject({ error: { message: expect.any(String) } });
  });
});

interface Seen {
  readonly status: number;
  readonly ids: readonly (string | string[] | undefined)[];
  readonly text: string;
}

/** With node:http, because fetch corrects paths and refuses methods. */
function send(method: string, path_: string, headers: Readonly<Record<string, string>>, body: string): Promise<Seen> {
  const { promise, resolve, reject } = Promise.withResolvers<Seen>();
  const { hostname, port } = new URL(server.url);
  const sending = request({ hostname, port, method, path: path_, headers, ...inTime() }, (reply) => {
    const chunks: Buffer[] = [];
    reply.on('data', (chunk: Buffer) => chunks.push(chunk));
    reply.on('error', reject);
    reply.on('end', () => {
      const ids = [reply.headers['x-request-id'], reply.headers['request-id']];
      resolve({ status: reply.statusCode ?? 0, ids, text: Buffer.concat(chunks).toString() });
    });
  });
  sending.on('error', reject);
  sending.end(body);
  return promise;
}
