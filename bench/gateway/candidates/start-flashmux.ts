import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { z } from 'zod';
import { openHome } from '../../../src/main/open-home.ts';
import { silentLog } from '../../../src/telemetry/log.ts';
import type { WatchCommand } from '../watch-messages.ts';
import { works } from '../works/works.ts';
import { targetAt, type Candidate, type Errand, type HostPlace } from './candidate.ts';
import { GatewayProcess } from './gateway-process.ts';

const root = path.join(import.meta.dirname, '../../..');
const watchLoop = path.join(import.meta.dirname, '../watch-loop.ts');

export const accountId = 'customer';

export interface FlashmuxOptions {
  readonly folder: string;
  readonly host: HostPlace;
  /** Main module of flashmux (flashmux-program.ts). */
  readonly program: string;
}

const loopReport = z.object({ longestDelayMs: z.number(), longestBusyMs: z.number() });
export type LoopReport = z.infer<typeof loopReport>;

/** flashmux with all that it does for every call: key, checks, catalogue, routing, hold, metering, settlement on disk, record, log. */
export interface Flashmux extends Candidate {
  readonly processId: number;
  /** A call of a look-up, with the key of the server's customer or with another's. */
  lookUp(route: string, ofKey?: string): ReturnType<Candidate['target']>;
  /** The longest blocking of the event loop since the last time that this was asked. */
  loop(): Promise<LoopReport>;
  /** Takes samples of all threads during the work, into a file each. */
  profile(work: () => Promise<unknown>, folder: string): Promise<void>;
}

/** A data folder with a prepaid customer in it. Resolves with the key. */
export async function makeFlashmuxHome({ folder, host }: Pick<FlashmuxOptions, 'folder' | 'host'>): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'prices.yaml'), JSON.stringify(priceFile()));
  await writeFile(path.join(folder, 'flashmux.yaml'), JSON.stringify(settingsFor(host)));
  return addCustomer(folder, accountId);
}

/** Into a data folder that no server has open. Resolves with the key. */
export async function addCustomer(folder: string, id: string): Promise<string> {
  const { ledger, access, close } = await openHome({ folder, role: 'guest', log: silentLog });
  try {
    await ledger.openAccount({ id, limit: 'prepaid' });
    await ledger.topUp(id, 10n ** 15n, `bench of ${id}`);
    return (await access.create({ name: `bench of ${id}`, accountId: id })).secret;
  } finally {
    await close();
  }
}

/** Starts a server on a folder that was made before. */
export async function startFlashmux({ folder, program }: FlashmuxOptions, key: string): Promise<Flashmux> {
  const watcher = path.join(folder, 'watch-loop.mjs');
  await writeFile(watcher, stripTypeScriptTypes(await readFile(watchLoop, 'utf8')));
  const server = new GatewayProcess({
    command: process.execPath,
    words: ['--disable-warning=ExperimentalWarning', '--import', watcher, program, 'serve'],
    folder,
    environment: { FLASHMUX_HOME: folder, FLASHMUX_SERVER__PORT: '0' },
    talks: true,
  });
  const port = Number((await server.says(/listens on http:\/\/127\.0\.0\.1:(\d+)/))[1]);
  return {
    name: 'flashmux',
    version: manifest.parse(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))).version,
    processIds: [server.processId],
    processId: server.processId,
    target: (errand) => targetOf(errand, port, key),
    lookUp: (route, ofKey = key) => targetAt(port, route, { authorization: `Bearer ${ofKey}` }),
    stop: () => server.stop(),
    loop: async () => loopReport.parse(await told(server, { kind: 'loop' })),
    profile: async (work, into) => {
      await told(server, { kind: 'profile', everyMicroseconds: 250 });
      await work();
      await told(server, { kind: 'write-profile', folder: into });
    },
  };
}

async function told({ child }: GatewayProcess, command: WatchCommand): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  child.once('message', resolve);
  child.send(command);
  return await promise;
}

const manifest = z.object({ version: z.string() });

function targetOf({ form }: Errand, port: number, key: string): ReturnType<Candidate['target']> {
  if (form === 'messages') return targetAt(port, '/v1/messages', { 'x-api-key': key, 'anthropic-version': '2023-06-01' });
  return targetAt(port, '/v1/chat/completions', { authorization: `Bearer ${key}` });
}

/** One model a way of answering, each with a path of its own at the host, which tells the host how to answer. */
const models: readonly string[] = [...new Set([...works.map(({ scenario }) => scenario), 'idle'])];

function settingsFor({ port }: HostPlace): object {
  return {
    engine: { enabled: false },
    // Keys of public hosts that the environment may have would make providers of them.
    providers_from_env: false,
    admin: { enabled: false },
    prices: { file: 'prices.yaml' },
    providers: models.map((model) => ({
      name: model,
      base_url: `http://127.0.0.1:${port}/${model}/v1`,
      quirks: 'vllm',
      cancellable: true,
      models: [model],
      // A prompt of 4 MB has about 900,000 tokens.
      limits: { context: 2_000_000, input: 2_000_000, output: 100_000 },
    })),
    limits: { max_in_flight: 20_000, max_in_flight_per_key: 20_000 },
  };
}

function priceFile(): object {
  const tiers = [{ per_million_tokens: { 'input-text': '0.05', 'output-text': '0.40' } }];
  return { prices: models.map((model) => ({ model, from: '2026-01-01T00:00:00Z', tiers })) };
}
