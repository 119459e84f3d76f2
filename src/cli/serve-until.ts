import type { Config } from '../config/schema.ts';
import { describeProgress } from '../engine/models/progress.ts';
import type { FlashmuxServer } from '../main/build-server.ts';
import type { Booted } from '../main/local-model.ts';
import { localAccountId } from '../main/open-home.ts';
import { hint } from './hint.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

interface Serving {
  readonly server: FlashmuxServer;
  readonly url: string;
  /** Absent: there is no admin API. */
  readonly adminUrl?: string;
  readonly config: Config;
  readonly terminal: Terminal;
}

/** What a person sees of a server that listens, from the address to the stop. Resolves when the signal comes. */
export async function serveUntil(signal: AbortSignal, serving: Serving): Promise<void> {
  const { server, url, adminUrl, config, terminal } = serving;
  terminal.out(`flashmux ${version} listens on ${url}`);
  if (adminUrl !== undefined) terminal.out(`Admin API: ${adminUrl}/admin/v1`);
  const key = await firstKey(server);
  if (key !== undefined) terminal.out(`API key, shown only now: ${key}`);
  if (config.engine.enabled && !signal.aborted) await bootLocalModel(signal, serving, key);
  else showFirstRequest(serving, key);
  if (!signal.aborted) await aborted(signal);
  terminal.say(
    server.inFlight() === 0
      ? 'Stopping.'
      : `Stopping: ${server.inFlight()} running requests may end. Ctrl-C once more stops at once.`,
  );
}

/** Where there is no model, waits for one that is pulled meanwhile. */
async function bootLocalModel(signal: AbortSignal, serving: Serving, key: string | undefined): Promise<void> {
  const { server, terminal } = serving;
  try {
    const booted = await boot(signal, serving);
    if (!signal.aborted) showFirstRequest(serving, key);
    if (booted.kind === 'ready') return;
    await server.localModel.arrival(signal);
    if ((await boot(signal, serving)).kind === 'ready') showFirstRequest(serving, key);
  } catch (error) {
    terminal.done();
    if (signal.aborted) return;
    terminal.out(`No local model: ${error instanceof Error ? error.message : String(error)}`);
    showFirstRequest(serving, key);
  }
}

async function boot(signal: AbortSignal, { server, terminal }: Serving): Promise<Booted> {
  const booted = await server.localModel.boot(signal, (progress) => terminal.status(describeProgress(progress)));
  terminal.done();
  if (booted.kind === 'ready') {
    terminal.out(`Local model: ${booted.modelId}${booted.note === undefined ? '' : ` (${booted.note})`}`);
  } else {
    terminal.out(`No local model: ${booted.reasons.join('; ')}.`);
    terminal.out(`This brings one, and the running server takes it up: ${hint(booted.pullCommand)}`);
  }
  return booted;
}

/** The key of a first start: undefined where there are keys already. */
async function firstKey({ home: { access } }: FlashmuxServer): Promise<string | undefined> {
  if ((await access.list()).length > 0) return undefined;
  const { secret } = await access.create({ name: 'first', accountId: localAccountId });
  return secret;
}

/** Nothing where nobody could answer it. */
function showFirstRequest({ server, url, terminal }: Serving, key: string | undefined): void {
  const ready = server.models.listings().filter((listing) => listing.ready);
  const shown = ready.find(({ model }) => model.id === firstChoice) ?? ready[0];
  if (shown === undefined) return;
  terminal.out(`Try it:\n\n${curlLine(url, shown.model.id, key ?? 'YOUR_KEY')}\n`);
  if (key === undefined)
    terminal.out(`YOUR_KEY was shown at the first start; this makes another: ${hint('flashmux keys create')}\n`);
}

/** The model that this server is for, by its own name or through a stand-in. */
const firstChoice = 'qwen3.5-flash';

/** Short, without thinking: on a bare laptop the first answer should come in seconds. */
function curlLine(url: string, model: string, key: string): string {
  const body = {
    model,
    messages: [{ role: 'user', content: 'What is the capital of Germany?' }],
    max_tokens: 60,
    ...(model === firstChoice ? { enable_thinking: false } : {}),
  };
  const text = JSON.stringify(body).replaceAll("'", String.raw`'\''`);
  return `curl ${url}/v1/chat/completions -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '${text}'`;
}

async function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
}
