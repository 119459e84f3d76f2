import type { Command } from 'commander';
import { describeProgress } from '../engine/models/progress.ts';
import { FlashmuxError } from '../model/fault.ts';
import { buildServer, type FlashmuxServer } from '../main/build-server.ts';
import { localAccountId } from '../main/open-home.ts';
import { configOf, logOf, type Context } from './context.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

export function addServeCommand(program: Command, context: Context): void {
  program
    .command('serve', { isDefault: true })
    .description('serve the APIs (the default command)')
    .option('--host <address>', 'address to listen on')
    .option('-p, --port <port>', 'port to listen on')
    .option('-m, --model <id or file>', 'local model')
    .option('--log-level <level>', 'debug, info, warn, error or silent')
    .action(async (_, command: Command) => {
      const loaded = configOf(context, command);
      const log = logOf(loaded);
      const stopping = new AbortController();
      const onFailure = (): void => {
        process.exitCode = 1;
        stopping.abort();
      };
      const server = await buildServer({ config: loaded.config, log, version, store: 'owner', onFailure });
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());
      try {
        await serve(server, context.terminal, stopping.signal);
      } finally {
        await server.stop(loaded.config.server.drain_ms);
      }
    });
}

async function serve(server: FlashmuxServer, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { url } = await listen(server);
  terminal.out(`flashmux ${version} listens on ${url}`);
  const key = await firstKey(server);
  if (key !== undefined) terminal.out(`API key, shown this once: ${key}`);
  try {
    const booted = await server.localModel.boot(signal, (progress) => terminal.status(describeProgress(progress)));
    terminal.done();
    if (booted?.kind === 'none') {
      terminal.out(`No local model: ${booted.reasons.join('; ')}.`);
      terminal.out(`Pull one when a source is reachable: ${booted.pullCommand}`);
    } else if (booted !== undefined) {
      terminal.out(`Local model: ${booted.modelId}${booted.note === undefined ? '' : ` (${booted.note})`}`);
    }
  } catch (error) {
    terminal.done();
    if (!signal.aborted) terminal.out(`No local model: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!signal.aborted) terminal.out(`Try it:\n\n${curlLine(url, key ?? 'YOUR_KEY')}\n${key === undefined ? moreKeys : ''}`);
  if (!signal.aborted) await aborted(signal);
  terminal.say('Stopping: running requests may end. Once more Ctrl-C stops at once.');
  process.once('SIGINT', () => process.exit(130));
}

async function listen(server: FlashmuxServer): Promise<{ readonly url: string }> {
  try {
    return await server.start();
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    if (error.code === 'EADDRINUSE') {
      throw new FlashmuxError('conflict', 'The port is taken by another program. Choose one with --port, or 0 for a free one.', {
        cause: error,
      });
    }
    if (error.code === 'EACCES')
      throw new FlashmuxError('forbidden', 'This user may not listen on that port. Choose one above 1023 with --port.', {
        cause: error,
      });
    throw error;
  }
}

const moreKeys = '\nYOUR_KEY is one of "flashmux keys ls"; "flashmux keys create" makes another.\n';

/** The key of a first start: undefined where there are keys already. */
async function firstKey(server: FlashmuxServer): Promise<string | undefined> {
  const keys = await server.home.access.list();
  if (keys.length > 0) return undefined;
  const { secret } = await server.home.access.create({ name: 'first', accountId: localAccountId });
  return secret;
}

/** Short, without thinking: on a bare laptop the first answer should come in seconds. */
function curlLine(url: string, key: string): string {
  const body = {
    model: 'qwen3.5-flash',
    messages: [{ role: 'user', content: 'What is the capital of Germany?' }],
    max_tokens: 60,
    enable_thinking: false,
  };
  return `curl ${url}/v1/chat/completions -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
}

async function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
}
