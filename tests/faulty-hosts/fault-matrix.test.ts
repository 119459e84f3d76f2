import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { localAccountId } from '../../src/main/open-home.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { faultMatrix, type FaultRow } from './fault-matrix.ts';
import { hugeText, startFaultyHost, type FaultyHost } from './faulty-host.ts';

/** Milliseconds that the server waits for a host; every call must be over within a multiple of it. */
const patienceMs = 400;
const longestMs = 10_000;

let host: FaultyHost;
let server: TestServer;
let folder: string;

beforeAll(async () => {
  host = await startFaultyHost();
  folder = await mkdtemp(path.join(tmpdir(), 'flashmux-faulty-'));
  const names = faultMatrix.map(({ fault }) => fault);
  const refusing = `http://127.0.0.1:${await closedPort()}/v1`;
  const providers = names.map((fault) => ({
    name: fault,
    base_url: fault === 'refused' ? refusing : host.baseUrl(fault),
    quirks: 'openai',
    models: { [`${fault}-alone`]: 'theirs', [`${fault}-or-good`]: 'theirs' },
  }));
  const models = names.flatMap((fault) => [`${fault}-alone`, `${fault}-or-good`]);
  const good = {
    name: 'good',
    base_url: host.baseUrl('good'),
    quirks: 'openai',
    models: Object.fromEntries(names.map((fault) => [`${fault}-or-good`, 'theirs'])),
  };
  const file = path.join(folder, 'prices.json');
  const tiers = [{ per_million_tokens: { 'input-text': '1', 'output-text': '2' } }];
  const prices = models.map((model) => ({ model, from: '2026-01-01T00:00:00Z', tiers }));
  await writeFile(file, JSON.stringify({ prices }));
  server = await startTestServer({
    store: 'memory',
    settings: {
      engine: { enabled: false },
      providers: [...providers, good],
      prices: { file },
      limits: { first_event_ms: patienceMs, idle_ms: patienceMs },
      routing: { strategy: 'configured', tries_per_host: 1, exploration: 0 },
    },
  });
}, 60_000);

afterAll(async () => {
  await server.stop();
  await host.close();
  await rm(folder, { recursive: true });
});

const answerShape = z.object({
  id: z.string().optional(),
  provider: z.string().optional(),
  routing: z.object({ attempts: z.array(z.object({ provider: z.string(), error: z.string().optional() })) }).optional(),
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish() }).optional(),
        message: z.object({ content: z.string().nullable() }).optional(),
      }),
    )
    .optional(),
  usage: z.object({ completion_tokens: z.number(), cost_usd: z.number(), estimated: z.boolean().optional() }).nullish(),
  error: z.object({ code: z.string() }).optional(),
});
type Part = z.infer<typeof answerShape>;

interface Got {
  readonly outcome: 'answered' | 'broken' | number;
  readonly text: string;
  readonly code: string | undefined;
  readonly provider: string | undefined;
  readonly attempts: readonly string[];
  readonly usage: Part['usage'];
  readonly headers: Headers;
}

async function ask(model: string, stream: boolean): Promise<Got> {
  const reply = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model,
      messages: [{ role: 'user', content: 'Count to three.' }],
      max_completion_tokens: 100,
      ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
    }),
    signal: AbortSignal.timeout(longestMs),
  });
  const text = await reply.text();
  const isStream = reply.headers.get('content-type')?.startsWith('text/event-stream') === true;
  const bodies = isStream ? [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, body = '']) => body) : [text];
  const parts = bodies.map((body) => answerShape.parse(JSON.parse(body)));
  const code = parts.flatMap(({ error }) => error?.code ?? [])[0];
  const choices = parts.flatMap((part) => part.choices ?? []);
  return {
    outcome: reply.status !== 200 ? reply.status : code === undefined ? 'answered' : 'broken',
    text: choices.map(({ delta, message }) => delta?.content ?? message?.content ?? '').join(''),
    code,
    provider: parts.find(({ provider }) => provider !== undefined)?.provider,
    attempts: parts
      .flatMap(({ routing }) => routing?.attempts ?? [])
      .map(({ provider, error }) => `${provider} ${error ?? 'answers'}`),
    usage: parts.flatMap(({ usage }) => usage ?? [])[0],
    headers: reply.headers,
  };
}

/** Once nothing is held any more. */
async function spent(): Promise<bigint> {
  for (;;) {
    const { spent: sum, pending } = await server.server.home.ledger.balance(localAccountId);
    if (pending === 0n) return sum;
    await pause(20);
  }
}

async function endpoint(model: string): Promise<{ readonly state: string; readonly uptime: number | null }> {
  const reply = await fetch(`${server.url}/v1/models/${model}/endpoints`, { headers: { authorization: `Bearer ${server.key}` } });
  const shape = z.object({
    data: z.array(z.object({ circuit: z.object({ state: z.string() }), uptime_last_5m: z.number().nullable() })),
  });
  const { data } = shape.parse(await reply.json());
  return { state: data[0]?.circuit.state ?? '', uptime: data[0]?.uptime_last_5m ?? null };
}

const toldCost = 13_000n;
const saidText = 'One two three';
const wholeTexts: Readonly<Partial<Record<FaultRow['fault'], string>>> = {
  'huge-chunk': hugeText,
  'duplicate-finish': `${saidText} again`,
};

describe.each(faultMatrix)('$what ($fault)', (expected: FaultRow) => {
  const { fault, code, circuit } = expected;
  const whole = wholeTexts[fault] ?? saidText;

  test('alone: what the caller gets, what it costs, and what the circuit does', async () => {
    const before = await spent();
    const streamed = await ask(`${fault}-alone`, true);
    const cost = (await spent()) - before;
    expect(streamed).toMatchObject({ outcome: expected.stream, code });
    if (expected.stream === 'answered') expect(streamed.text).toBe(whole);
    // Never a word twice, and never one that the host did not say.
    else expect(whole.startsWith(streamed.text)).toBe(true);
    expectBill(expected, cost, streamed);
    if (fault === 'status-429-retry-after') expect(Number(streamed.headers.get('retry-after'))).toBeGreaterThan(50);

    const answered = await ask(`${fault}-alone`, false);
    expect(answered).toMatchObject({ outcome: expected.whole, code });
    if (expected.whole === 'answered') expect(answered.text).toBe(whole);
    else expect(await spent()).toBe(before + cost);

    await ask(`${fault}-alone`, false);
    expect((await endpoint(`${fault}-alone`)).state).toBe(circuit);
  });

  test('with another host: it is not noticed before the first word', async () => {
    const before = await spent();
    const got = await ask(`${fault}-or-good`, false);
    expect(got).toMatchObject({ outcome: 'answered', text: expected.whole === 'answered' ? whole : saidText });
    if (expected.whole !== 'answered') {
      expect(got.provider).toBe('good');
      expect(got.headers.get('x-flashmux-provider')).toBe('good');
      expect(await spent()).toBe(before + toldCost);
    }
  });
});

function expectBill({ billed }: FaultRow, cost: bigint, { usage, text }: Got): void {
  switch (billed) {
    case 'nothing':
      expect(cost).toBe(0n);
      return;
    case 'the usage that was told':
      expect(usage).toMatchObject({ completion_tokens: 3 });
      expect(usage).not.toHaveProperty('estimated');
      expect(cost).toBe(toldCost);
      return;
    case 'the whole answer, counted here':
      expect(usage).toMatchObject({ estimated: true });
      expect(cost).toBe(BigInt(Math.round((usage?.cost_usd ?? 0) * 1e9)));
      return;
    case 'what was said, counted here':
      expect(text).not.toBe('');
      expect(cost).toBeGreaterThan(0n);
      expect(cost).toBeLessThan(toldCost * 10n);
      return;
    case 'no more than was held':
      expect(cost).toBeGreaterThan(0n);
      // 100 tokens of answer, and the prompt as long as it can be.
      expect(cost).toBeLessThan(2_000_000n);
      return;
  }
}

async function closedPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
