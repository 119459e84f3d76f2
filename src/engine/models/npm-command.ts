import { execFile } from 'node:child_process';
import { z } from 'zod';
import { FlashmuxError } from '../../model/fault.ts';
import { parseJson } from './parse-json.ts';
import { throwIfAborted } from './waiting.ts';

/**
 * Runs npm with the configuration of the user who started flashmux: registry, proxies, certificates and keys are npm's affair and
 * are neither read nor kept here. What npm says on its error channel (warnings, notices) is not looked at; with `--json` it also
 * states its errors on the output.
 *
 * Throws `upstream_failed` where npm is missing or says that it failed, `upstream_timeout` after the deadline, `cancelled` on abort.
 */
export async function runNpm(
  command: readonly string[],
  args: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string> {
  throwIfAborted(signal);
  const [program = 'npm', ...firstArgs] = command;
  const result = await run(program, [...firstArgs, ...args, '--json', '--no-update-notifier', '--no-fund'], timeoutMs, signal);
  throwIfAborted(signal);
  if (result.failure === undefined) return result.stdout;
  if (result.failure.code === 'ENOENT') {
    throw new FlashmuxError('upstream_failed', `npm was not found (${program}).`, { cause: result.failure });
  }
  if (result.failure.killed === true) {
    throw new FlashmuxError('upstream_timeout', `npm did not answer within ${timeoutMs / 1000} s.`, { cause: result.failure });
  }
  throw new FlashmuxError('upstream_failed', `npm could not fetch it: ${reasonOf(result.stdout)}`, { cause: result.failure });
}

interface NpmResult {
  readonly stdout: string;
  readonly failure: (NodeJS.ErrnoException & { readonly killed?: boolean }) | undefined;
}

function run(program: string, args: readonly string[], timeout: number, signal: AbortSignal): Promise<NpmResult> {
  // npm is a batch file on Windows, which only a shell can start.
  const shell = process.platform === 'win32';
  const quoted = shell ? args.map((arg) => `"${arg}"`) : args;
  return new Promise((resolve) => {
    execFile(program, quoted, { timeout, signal, shell, maxBuffer: 4 << 20, windowsHide: true }, (error, stdout) =>
      resolve({ stdout, failure: error === null ? undefined : failureOf(error) }),
    );
  });
}

function failureOf(error: Error): NonNullable<NpmResult['failure']> {
  const code: unknown = 'code' in error ? error.code : undefined;
  const killed: unknown = 'killed' in error ? error.killed : undefined;
  return Object.assign(new Error(error.message), {
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof killed === 'boolean' ? { killed } : {}),
  });
}

const npmError = z.object({ error: z.object({ code: z.string().optional(), summary: z.string() }) });

function reasonOf(stdout: string): string {
  const read = npmError.safeParse(parseJson(stdout));
  if (!read.success) return 'it ended with an error and said no reason.';
  const { code, summary } = read.data.error;
  return `${summary.trim().split('\n')[0] ?? ''}${code === undefined || summary.includes(code) ? '' : ` (${code})`}.`;
}
