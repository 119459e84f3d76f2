import type { Readable } from 'node:stream';
import type { Command } from 'commander';
import { loadConfig, type LoadedConfig } from '../config/load-config.ts';
import { createPinoLog } from '../telemetry/pino-log.ts';
import type { Log } from '../telemetry/log.ts';
import type { Json } from '../model/json.ts';
import type { Terminal } from './terminal.ts';

/** What every command gets from the outside. */
export interface Context {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable & { readonly isTTY?: boolean };
}

/** Options that every command takes, as commander gives them. */
export interface SharedFlags {
  readonly config?: string;
  readonly home?: string;
  readonly json?: boolean;
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
  return loadConfig({
    environment: context.environment,
    workingFolder: process.cwd(),
    flags: Object.entries(settings).flatMap(([name, { flag, path, read }]) => {
      const value = flags[name];
      return typeof value === 'string' ? [{ flag, path, value: read(value) }] : [];
    }),
    ...(typeof file === 'string' ? { file } : {}),
  });
}

export function wantsJson(command: Command): boolean {
  return command.optsWithGlobals()['json'] === true;
}

export function logOf({ config }: LoadedConfig): Log {
  return createPinoLog({ level: config.log.level, destination: process.stderr });
}

/** Aborts at the first Ctrl-C or SIGTERM. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  return controller.signal;
}
