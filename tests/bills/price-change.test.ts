import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { RequestRecord } from '../../src/ledger/request-record.ts';
import { localAccountId } from '../../src/main/open-home.ts';
import { postChat } from '../support/chat-body.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { startGatedUpstream, told, untilBegun, type GatedUpstream } from './gated-upstream.ts';

// Fault injection 15: the price changes again and again while requests are in flight.

/** How often the price changes, and how many requests are in flight in the end: 1,000 in the long run. */
const versions = [1, 2, 3, 4, 5];
const requests = Number(process.env['FLASHMUX_FUZZ_RUNS'] ?? 0) >= 1000 ? 1000 : 60;
/** Several hosts share the requests. */
const models = ['gpu-1', 'gpu-2', 'gpu-3', 'gpu-4', 'gpu-5'];

let folder = '';
let file = '';
let upstreams: readonly GatedUpstream[] = [];
let server: TestServer;

const fromOf = (version: number): string => `2026-01-0${version}T00:00:00Z`;
const millionths = (version: number): string => `0.00000${version}`;

/** The price file once this version is in force: the rows of the versions before stand in it as well. */
function priceFile(version: number): string {
  const rows = versions
    .filter((each) => each <= version)
    .flatMap((each) =>
      models.map((model) => {
        const tokens = `{ input-text: "${each}", output-text: "${each}0" }`;
        return `  - { model: ${model}, from: ${fromOf(each)}, per_request: "${millionths(each)}", tiers: [{ per_million_tokens: ${tokens} }] }`;
      }),
    );
  return `prices:\n${rows.join('\n')}\n`;
}

/** Nano-dollars of an answer whose host told its usage: so many millionths for the request and each token in, ten for one out. */
const costOf = (version: number): bigint =>
  1000n * BigInt(version) * BigInt(1 + told.prompt_tokens + 10 * told.completion_tokens);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'flashmux-price-change-'));
  file = path.join(folder, 'prices.yaml');
  await writeFile(file, priceFile(1));
  upstreams = await Promise.all(models.map(() => startGatedUpstream()));
  const providers = upstreams.map(({ baseUrl }, index) => ({
    name: `host-${index}`,
    base_url: baseUrl,
    models: [models[index]],
    cancellable: true,
  }));
  const limits = { max_in_flight: 2000, max_in_flight_per_key: 2000 };
  server = await startTestServer({ settings: { engine: { enabled: false }, prices: { file }, providers, limits } });
});
afterAll(async () => {
  await server.stop();
  await Promise.all(upstreams.map((upstream) => upstream.close()));
  await rm(folder, { recursive: true });
});

/** A request in flight. */
interface Begun {
  readonly version: number;
  readonly model: string;
  readonly leaves: boolean;
  /** The id of its answer and what the answer says it cost; no cost where its caller left. */
  readonly ended: Promise<{ readonly id: string; readonly costUsd?: number }>;
  /** Leaves once the answer has begun here. */
  readonly leave: () => Promise<void>;
}

function begin(index: number, version: number): Begun {
  const model = models[index % models.length] ?? '';
  const caller = new AbortController();
  const leaves = index % 6 === 5;
  const stream = leaves || index % 2 === 0;
  const hasBegun = Promise.withResolvers<void>();
  const leave = async (): Promise<void> => {
    await hasBegun.promise;
    caller.abort();
  };
  return { version, model, leaves, ended: ask(model, stream, caller.signal, hasBegun.resolve), leave };
}

async function ask(
  model: string,
  stream: boolean,
  signal: AbortSignal,
  hasBegun: () => void,
): Promise<{ id: string; costUsd?: number }> {
  const tellsUsage = stream ? { stream_options: { include_usage: true } } : {};
  const body = { model, stream, ...tellsUsage, max_tokens: 8, messages: [{ role: 'user', content: 'Hello' }] };
  const reply = await postChat(server, body, { signal });
  if (!stream) {
    const answer: Answer = JSON.parse(await reply.text());
    return { id: answer.id, ...costIn(answer) };
  }
  let text = '';
  try {
    for await (const piece of reply.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += piece;
      if (text.includes('\n\n')) hasBegun();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  const frames = [...text.matchAll(/^data: (\{.*)$/gm)].map(([, json = '']): Answer => JSON.parse(json));
  return { id: frames[0]?.id ?? '', ...frames.reduce((cost, frame) => ({ ...cost, ...costIn(frame) }), {}) };
}

interface Answer {
  readonly id: string;
  readonly usage?: { readonly cost_usd: number } | null;
}

function costIn({ usage }: Answer): { costUsd?: number } {
  return usage === undefined || usage === null ? {} : { costUsd: usage.cost_usd };
}

/** A caller who leaves does not wait for the settlement, so its record may come a moment later. */
async function recordOf(answerId: string): Promise<RequestRecord> {
  return await vi.waitFor(
    async () => {
      const record = await server.server.home.ledger.answerRecord(answerId);
      if (record === undefined) throw new Error(`no record of ${answerId}`);
      return record;
    },
    { timeout: 60_000 },
  );
}

test(`${requests} requests in flight while the price changes: each settles at the version that it was admitted under`, async () => {
  const begun: Begun[] = [];
  for (const version of versions) {
    await writeFile(file, priceFile(version));
    server.server.readPrices();
    const share = requests / versions.length;
    for (let each = 0; each < share; each++) begun.push(begin(begun.length, version));
    await untilBegun(upstreams, begun.length);
    // A file with a mistake changes nothing for those before it, and nothing for those after it.
    await writeFile(file, `${priceFile(version)}  - { model: gpu-1, from: soon, free: true }\n`);
    server.server.readPrices();
  }
  expect(server.server.inFlight()).toBe(requests);

  const leavers = begun.filter(({ leaves }) => leaves);
  await Promise.all(leavers.map(({ leave }) => leave()));
  await vi.waitFor(() => expect(server.server.inFlight()).toBe(requests - leavers.length), { timeout: 60_000 });
  for (const upstream of upstreams) upstream.open();
  const ended = await Promise.all(begun.map(async (each) => ({ ...each, ...(await each.ended) })));

  let spent = 0n;
  for (const { id, version, model, leaves, costUsd } of ended) {
    const { bill, charged, outcome } = await recordOf(id);
    spent += charged;
    expect({ list: bill?.priceListId, total: bill?.total }).toEqual({
      list: `${model}/operator@${fromOf(version)}`,
      total: charged,
    });
    const rates = bill?.lines.map(({ rate }) => rate.usd);
    expect(rates).toEqual([`${version}`, `${version}0`, millionths(version)]);
    expect(outcome).toBe(leaves ? 'aborted' : 'complete');
    if (leaves) continue;
    expect(charged).toBe(costOf(version));
    expect(costUsd).toBe(Number(costOf(version)) / 1e9);
  }
  expect(await server.server.home.ledger.balance(localAccountId)).toMatchObject({ spent, pending: 0n });
});
