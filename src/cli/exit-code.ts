import { CommanderError } from 'commander';
import { ConfigError } from '../config/load-config.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { Terminal } from './terminal.ts';

/** 0 went well, 1 the command failed, 2 it was used wrongly or the configuration is wrong, 130 it was interrupted. */
export type ExitCode = 0 | 1 | 2 | 130;

/**
 * Tells a person why a command failed. A stack is shown only for what is a bug. The command line parser has told the person itself;
 * it throws also after `--help` and `--version`, which went well.
 */
export function explainFailure(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) terminal.say(problem);
    return 2;
  }
  if (FlashmuxError.is(error)) {
    terminal.say(`flashmux: ${error.message}`);
    return error.code === 'cancelled' ? 130 : 1;
  }
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  terminal.say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 1;
}
