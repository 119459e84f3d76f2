import { ConfigError } from '../config/load-config.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { Terminal } from './terminal.ts';

/** 0 went well, 1 the command failed, 2 it was used wrongly or the configuration is wrong. */
export type ExitCode = 0 | 1 | 2;

/** Tells a person why a command failed. A stack is shown only for what is a bug. */
export function explainFailure(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) terminal.say(problem);
    return 2;
  }
  if (FlashmuxError.is(error)) {
    terminal.say(`flashmux: ${error.message}`);
    return 1;
  }
  if (isUsageError(error)) return 2;
  terminal.say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 1;
}

/** What the command line parser throws after it has told the person itself; `--help` and `--version` end with 0. */
function isUsageError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('commander.');
}
