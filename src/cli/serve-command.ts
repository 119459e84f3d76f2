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
        const { url } = await listen(server, config);
        readPricesOnHangup(server, config, context);
        await serveUntil(signal, { server, url, config, terminal: context.terminal });
      } finally {
        await server.stop(config.server.drain_ms);
      }
    });
}

function settingsOf(context: Context, command: Command): { readonly config: Config; readonly log: ReturnType<typeof logOf> } {
  const loaded = configOf(context, command);
  return { config: loaded.config, log: logOf(context, loaded) };
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

async function listen(server: FlashmuxServer, { server: { host, port } }: Config): Promise<{ readonly url: string }> {
  try {
    return await server.start();
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause)) throw cause;
    switch (cause.code) {
      case 'EADDRINUSE':
        throw new FlashmuxError(
          'conflict',
          `Port ${port} of ${host} is taken by another program. Choose one with --port, or 0 for a free one.`,
          { cause },
        );
      case 'EACCES':
        throw new FlashmuxError('forbidden', `This user may not listen on port ${port}. Choose one above 1023 with --port.`, {
          cause,
        });
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
        throw new FlashmuxError(
          'invalid_request',
          `This machine has no address ${host}. Take 127.0.0.1 for this machine only, or 0.0.0.0 for every address, with --host.`,
          { cause },
        );
      default:
        throw cause;
    }
  }
}
