import type { Readable } from 'node:stream';
import type { Command } from 'commander';
import { sourceText } from '../config/explain.ts';
import { ConfigError, loadConfig, type LoadedConfig } from '../config/load-config.ts';
import { resolveProvider } from '../main/resolve-provider.ts';
import { FlashmuxError } from '../model/fault.ts';
import { knownHosts } from '../providers/known-hosts/known-hosts.ts';
import { systemClock } from '../telemetry/clock.ts';
import { createPinoLog } from '../telemetry/pino-log.ts';
import type { Log } from '../telemetry/log.ts';
import type { Json } from '../model/json.ts';
import { GatheredLines } from './gathered-lines.ts';
import { readableLogLine } from './readable-log.ts';
import type { Terminal } from './terminal.ts';

/** What every command gets from the outside. */
export interface Context {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable & { readonly isTTY?: boolean };
}

interface FlagRow {
  readonly flag: string;
  readonly path: string;
  readonly read: (text: string) => Json;
}

const asNumber = (text: string): Json => (/^\d+$/.test(text) ? Number(text) : text);
const asText = (text: string): Json => text;

/** Flags that are settings, by the name that commander gives them. */
const settings: Readonly<Record<string, FlagRow>> = {
  home: { flag: '--home', path: 'home', read: asText },
  host: { flag: '--host', path: 'server.host', read: asText },
  port: { flag: '--port', path: 'server.port', read: asNumber },
  model: { flag: '--model', path: 'engine.model', read: asText },
  logLevel: { flag: '--log-level', path: 'log.level', read: asText },
};

/** The configuration as the command's flags, the environment and the file give it. Throws ConfigError. */
export function configOf(context: Context, command: Command): LoadedConfig {
  const flags: Readonly<Record<string, unknown>> = command.optsWithGlobals();
  const file = flags['config'];
  const loaded = loadConfig({
    environment: context.environment,
    workingFolder: process.cwd(),
    flags: Object.entries(settings).flatMap(([name, { flag, path, read }]) => {
      const value = flags[name];
      return typeof value === 'string' ? [{ flag, path, value: read(value) }] : [];
    }),
    presets: knownHosts,
    ...(typeof file === 'string' ? { file } : {}),
  });
  refuseUnknownHosts(loaded);
  return loaded;
}

/** Presets, regions and rows of quirks belong to the providers, which the schema of the settings does not know. */
function refuseUnknownHosts(loaded: LoadedConfig): void {
  const problems = loaded.config.providers.flatMap((provider, index) => {
    try {
      resolveProvider(provider);
      return [];
    } catch (error) {
      if (!FlashmuxError.is(error)) throw error;
      const path = `providers.${index}.${error.param ?? 'name'}`;
      return [`${sourceText(loaded.source(path))} ${path}: ${error.message}`];
    }
  });
  if (problems.length > 0) throw new ConfigError(problems);
}

export function wantsJson(command: Command): boolean {
  return command.optsWithGlobals()['json'] === true;
}

/** JSON lines for programs; for a person at a terminal short ones, which keep out of the way of a progress line. */
export function logOf({ terminal }: Context, { config }: LoadedConfig): Log {
  const { level, format } = config.log;
  const isReadable = format === 'text' || (format === 'auto' && terminal.isInteractive);
  if (isReadable) {
    return createPinoLog({ level, destination: { write: (line) => terminal.say(readableLogLine(line)) } });
  }
  const destination = new GatheredLines((text) => process.stderr.write(text));
  process.once('exit', () => destination.flush());
  return createPinoLog({ level, destination });
}

/** Within this time a second signal is the same one: npm passes on the Ctrl-C that the terminal has already sent to everybody. */
const sameSignalMs = 1_000;

/** Aborts at the first Ctrl-C or SIGTERM; a later one ends the process at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  let firstAt: number | undefined;
  for (const [name, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(name, () => {
      if (firstAt !== undefined && systemClock.ticks() - firstAt > sameSignalMs) process.exit(exitCode);
      firstAt ??= systemClock.ticks();
      controller.abort();
    });
  }
  return controller.signal;
}
