import type { Command } from 'commander';
import type { Config } from '../config/schema.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { FlashmuxServer } from '../main/build-server.ts';
import { configOf, interruptSignal, logOf, type Context } from './context.ts';
import { serveUntil } from './serve-until.ts';
import { version } from './version.ts';

export function addServeCommand(program: Command, context: Context): void {
  program
    .command('serve', { isDefault: true })
    .description('serve the APIs (the default command)')
    .option('--host <address>', 'address to listen on')
    .option('-p, --port <port>', 'port to listen on; 0 takes a free one')
    .option('-m, --model <id or file>', 'local model: an id of "models ls", or a GGUF file')
    .option('--log-level <level>', 'debug, info, warn, error or silent')
    // A word that is no command arrives here, as an argument of the default command.
    .allowExcessArguments()
    .action(async (_, command: Command) => {
      const [stranger] = command.args;
      if (stranger !== undefined) refuseStranger(program, stranger);
      const { config, log } = settingsOf(context, command);
      const failure = new AbortController();
      const signal = AbortSignal.any([interruptSignal(), failure.signal]);
      const onFailure = (): void => {
        process.exitCode = 1;
        failure.abort();
      };
      const { buildServer } = await import('../main/build-server.ts');
      const server = await buildServer({ config, log, version, store: 'owner', onFailure });
      try {
        const { url } = await listening(() => server.start(), config.server, '--host', '--port');
        const admin = await listening(() => server.startAdmin(), config.admin, 'admin.host', 'admin.port');
        readPricesOnHangup(server, config, context);
        const adminUrl = admin === undefined ? {} : { adminUrl: admin.url };
        await serveUntil(signal, { server, url, ...adminUrl, config, terminal: context.terminal });
      } finally {
        endLater(config.server.drain_ms + afterDrainMs, log);
        await server.stop(config.server.drain_ms);
        endLater(handlesMs, log);
      }
    });
}

/** Last settlements, and closing the store: what may come after the drain. */
const afterDrainMs = 25_000;
/** For connections that close by themselves. */
const handlesMs = 5_000;

/** A process that was told to end must end: what it holds is released at the next start, or by the servers beside it. */
function endLater(milliseconds: number, log: ReturnType<typeof logOf>): void {
  const end = (): void => {
    log.error({ resources: process.getActiveResourcesInfo() }, 'the server did not end by itself');
    process.exit(process.exitCode ?? 1);
  };
  setTimeout(end, milliseconds).unref();
}

function settingsOf(context: Context, command: Command): { readonly config: Config; readonly log: ReturnType<typeof logOf> } {
  const loaded = configOf(context, command);
  const log = logOf(context, loaded);
  for (const [index, { name: provider }] of loaded.config.providers.entries()) {
    const source = loaded.source(`providers.${index}.name`);
    if (source.kind === 'environment')
      log.info({ provider, variable: source.name }, 'the environment has a key for this provider');
  }
  return { config: loaded.config, log };
}

function refuseStranger(program: Command, word: string): never {
  if (program.args[0] === 'serve') program.error(`error: "serve" takes no argument such as "${word}"`);
  const names = program.commands.map((command) => command.name());
  program.error(`error: there is no command "${word}"; there are ${names.join(', ')}`);
}

/** `kill -HUP` after a change of the price file. On a terminal the signal means that it was closed, and ends the server. */
function readPricesOnHangup(server: FlashmuxServer, { prices }: Config, { terminal }: Context): void {
  if (prices.file !== undefined && !terminal.isInteractive) process.on('SIGHUP', () => server.readPrices());
}

interface Place {
  readonly host: string;
  readonly port?: number | undefined;
}

/** Starts to listen at a place of the configuration. Throws FlashmuxError where that cannot be, with the setting to change. */
async function listening<Started>(
  start: () => Promise<Started>,
  { host, port }: Place,
  hostSetting: string,
  portSetting: string,
): Promise<Started> {
  try {
    return await start();
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause)) throw cause;
    const at = 'port' in cause ? Number(cause.port) : port;
    switch (cause.code) {
      case 'EADDRINUSE':
        throw new FlashmuxError(
          'conflict',
          `Port ${at} of ${host} is taken by another program. Choose one with ${portSetting}, or 0 for a free one.`,
          { cause },
        );
      case 'EACCES':
        throw new FlashmuxError(
          'forbidden',
          `This user may not listen on port ${at}. Choose one above 1023 with ${portSetting}.`,
          {
            cause,
          },
        );
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
        throw new FlashmuxError(
          'invalid_request',
          `This machine has no address ${host}. Take 127.0.0.1 for this machine only, or 0.0.0.0 for every address, with ${hostSetting}.`,
          { cause },
        );
      default:
        throw cause;
    }
  }
}
