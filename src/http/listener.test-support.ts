import type { Caller } from '../access/access.ts';
import type { Listing } from '../catalogue/catalogue.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { Call, Serve } from '../exchange/call.ts';
import { createLedger } from '../ledger/create-ledger.ts';
import type { AnswerEvent, EventBatch } from '../model/event.ts';
import { FlashmuxError } from '../model/fault.ts';
import { isJsonObject } from '../model/json.ts';
import { createMemoryStore } from '../store/memory/create-memory-store.ts';
import { newId } from '../telemetry/ids.ts';
import { systemClock } from '../telemetry/clock.ts';
import { silentLog, type Log, type LogFields } from '../telemetry/log.ts';
import type { Listener } from './http-server.ts';
import { createListener, type ListenerDeps } from './listener.ts';

export const validKey = 'fm_test_key';

export interface StartedListener {
  readonly listener: Listener;
  readonly url: string;
  readonly port: number;
  /** The fields of every line logged so far. */
  readonly logged: LogFields[];
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** A listener on a free port, with a scripted exchange behind it. */
export async function startListener(serve: Serve, overrides: Partial<ListenerDeps> = {}): Promise<StartedListener> {
  const logged: LogFields[] = [];
  const listener = createListener({
    host: '127.0.0.1',
    port: 0,
    serve,
    access: { authenticate },
    dialects: [plainDialect],
    creditUnit: 'usd',
    creditsPerUsd: 1_000_000n,
    keepIdempotencyMs: 86_400_000,
    records: await testRecords(),
    keys: { find: async (id) => ({ id, name: 'laptop', accountId: 'acct_1', createdAt: 1 }) },
    models: { list: () => [listing], find: (id) => (matches(id) ? listingOf(id) : undefined), endpoints: () => [] },
    parameterSchema: (model, variant) => ({ type: 'object', title: `${model.id} ${variant?.id ?? 'base'}` }),
    readiness: () => ({ ready: true, components: { store: { ready: true } } }),
    version: '0.0.0-test',
    log: recordingLog(logged),
    clock: systemClock,
    newId,
    ...overrides,
    limits: { checkIntervalMs: 50, lingerMs: 200, settleMs: 1000, ...overrides.limits },
  });
  const { url, port } = await listener.start();
  return { listener, url, port, logged, [Symbol.asyncDispose]: () => listener.close() };
}

/** An account without a limit, and nothing in its books. */
async function testRecords(): Promise<ListenerDeps['records']> {
  const store = createMemoryStore({ clock: systemClock, epochId: 'boot_test' });
  const ledger = createLedger(store.ledger, { clock: systemClock, onAlarm: () => undefined });
  await ledger.openAccount({ id: 'acct_1', limit: 'none' });
  return ledger;
}

async function authenticate(presentedKey: string | undefined): Promise<Caller> {
  if (presentedKey === undefined) throw new FlashmuxError('missing_key', 'Send an API key.');
  if (presentedKey === `${validKey}_variant`)
    return { keyId: 'key_variant', accountId: 'acct_1', allowedModels: ['alibaba/qwen-m:variant1'] };
  if (presentedKey === `${validKey}_limited`) return { keyId: 'key_limited', accountId: 'acct_1', allowedModels: ['other'] };
  if (presentedKey !== validKey) throw new FlashmuxError('invalid_key', 'The key is not valid.');
  return { keyId: 'key_1', accountId: 'acct_1' };
}

function recordingLog(lines: LogFields[]): Log {
  const record = (fields: LogFields): void => void lines.push(fields);
  return { ...silentLog, debug: record, info: record, warn: record, error: record };
}

/** A dialect with as little wire as possible, and a status of its own for one fault: the listener must take it from here. */
export const plainDialect: Dialect = {
  name: 'plain',
  prefix: '/v1',
  generatePaths: ['/v1/say'],
  readRequest({ body }) {
    if (!isJsonObject(body)) throw new FlashmuxError('invalid_request', 'The body must be an object.', { param: 'body' });
    const { model, stream } = body;
    if (typeof model !== 'string') throw new FlashmuxError('invalid_request', '"model" must be a text.', { param: 'model' });
    return {
      model,
      turns: [],
      tools: [],
      sampling: {},
      limits: {},
      thinking: { kind: 'unsaid' },
      form: { kind: 'unsaid' },
      delivery: stream === true ? { kind: 'stream' } : { kind: 'whole', said: false },
    };
  },
  answers: {
    writeAnswer: (answer, envelope) => ({
      id: envelope.id,
      model: envelope.model,
      text: answer.choices.flatMap(({ parts }) => parts.map((part) => (part.kind === 'text' ? part.text : ''))).join(''),
    }),
    streamWriter: (envelope) => ({
      write: (batch) => batch.map((event) => frame(event)).join(''),
      end: () => `data: end ${envelope.id}\n\n`,
      fault: (fault) => `data: fault ${fault.code}\n\n`,
    }),
  },
  stream: { contentType: 'text/event-stream; charset=utf-8', heartbeat: ': beat\n\n' },
  status: (fault) => (fault.code === 'insufficient_credits' ? fault.row.segmindStatus : fault.row.status),
  writeFault: (fault, requestId) => ({
    error: { code: fault.code, message: fault.message, ...(fault.param === undefined ? {} : { param: fault.param }) },
    request_id: requestId,
  }),
  rateLimitHeaders: 'openai',
  headers: ({ answerId }) => (answerId === undefined ? {} : { 'x-plain-answer': answerId }),
};

function frame(event: AnswerEvent): string {
  return event.kind === 'part-delta' && event.delta.kind === 'text' ? `data: ${event.delta.text}\n\n` : '';
}

/** What an exchange sends first. */
export function opening(model = 'm', notices: readonly AnswerEvent[] = []): EventBatch {
  return [{ kind: 'answer-start', model, provider: 'embedded', createdAt: 1_700_000_000 }, ...notices, partStart];
}

const partStart: AnswerEvent = { kind: 'part-start', answer: 0, index: 0, part: { kind: 'text' } };

export function says(text: string): EventBatch {
  return [{ kind: 'part-delta', answer: 0, index: 0, delta: { kind: 'text', text } }];
}

/** An exchange that answers with these texts. */
export function scripted(...texts: readonly string[]): Serve {
  return async function* serve() {
    yield opening();
    for (const text of texts) yield says(text);
    yield [{ kind: 'answer-end', answer: 0, reason: 'stop' }];
  };
}

/** An exchange that is told when its call is aborted and when its generator is left. */
export function watched(script: (call: Call) => AsyncGenerator<EventBatch, void, undefined>): {
  readonly serve: Serve;
  readonly aborted: Promise<unknown>;
  readonly left: Promise<void>;
} {
  const aborted = Promise.withResolvers<unknown>();
  const left = Promise.withResolvers<void>();
  return {
    aborted: aborted.promise,
    left: left.promise,
    async *serve(call) {
      call.signal.addEventListener('abort', () => aborted.resolve(call.signal.reason));
      try {
        yield* script(call);
      } finally {
        left.resolve();
      }
    },
  };
}

/** Never resolves; rejects with the signal's reason. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const fail = (): void => reject(signal.reason);
  if (signal.aborted) fail();
  else signal.addEventListener('abort', fail, { once: true });
  return promise;
}

const limits = { context: 1000, output: 100 };
const priceList = {
  id: 'm-2026',
  from: '2026-01-01',
  tiers: [
    {
      maxInputTokens: 500,
      rates: { 'input-text': { usd: '0.10', per: 1_000_000 }, 'output-text': { usd: '0.40', per: 1_000_000 } },
    },
    { rates: { 'input-text': { usd: '0.20', per: 1_000_000 } } },
  ],
  rounding: { quantum: 1n, per: 'line' as const },
};

export const listing: Listing = {
  model: {
    id: 'qwen-m',
    name: 'Qwen M',
    description: 'A model.',
    aliases: ['alibaba/qwen-m'],
    owner: 'alibaba',
    released: '2026-02-24',
    capabilities: { input: ['text', 'image'], output: ['text'], features: ['thinking'] },
    limits,
    parameters: [
      { name: 'temperature', description: 'Randomness.', schema: { type: 'number', default: 0.7 } },
      { name: 'seed', description: 'Repeatability.', schema: { type: 'integer' } },
    ],
    thinkingDefault: true,
    priceList,
    variants: [{ id: 'qwen-m:variant1', region: 'cn', limits: { context: 2000, output: 200 }, parameters: [], priceList }],
    sources: [],
  },
  standIn: { model: 'tiny', note: 'No configured host has the model.' },
  providers: ['embedded'],
  ready: true,
};

function listingOf(id: string): Listing {
  const variant = listing.model.variants.find((each) => id.endsWith(each.id));
  return { ...listing, ...(variant === undefined ? {} : { variant }) };
}

function matches(id: string): boolean {
  return ['qwen-m', 'alibaba/qwen-m', 'qwen-m:variant1', 'alibaba/qwen-m:variant1'].includes(id);
}
