import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { knownHosts } from '../../src/providers/known-hosts/known-hosts.ts';

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  /** Data folder. The program also runs in it, so that no flashmux.yaml of the developer is read. */
  readonly home: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Absent: nothing to read. */
  readonly stdin?: string;
}

/** The real program as a process of its own, as a person starts it. */
export interface FlashmuxProcess {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** The first match in standard output and error together. Rejects when the process ends before or 60 s pass. */
  sees(pattern: RegExp): Promise<RegExpExecArray>;
  ended: Promise<Ended>;
}

/** The sources; what was built of them where its place is given, as `npm run test:built` does. */
const program = path.resolve(process.env['TESTED_PROGRAM'] ?? fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url)));
const longestMs = 60_000;

export function startFlashmux(words: readonly string[], { home, environment = {}, stdin }: StartOptions): FlashmuxProcess {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...words], {
    cwd: home,
    env: {
      ...withoutSettings(process.env),
      FLASHMUX_HOME: home,
      FLASHMUX_SERVER__PORT: '0',
      FLASHMUX_ENGINE__PULL: 'false',
      FLASHMUX_ENGINE__THREADS: '1',
      ...environment,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin ?? '');
  const output = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8');
    child[name].on('data', (text: string) => {
      output[name] += text;
      for (const look of waiting) look();
    });
  }
  const { promise: ended, resolve, reject } = Promise.withResolvers<Ended>();
  child.once('error', reject);
  child.once('close', (code) => {
    resolve({ code, ...output });
    for (const look of waiting) look();
  });

  return {
    child,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    ended,
    async sees(pattern) {
      const seen = Promise.withResolvers<RegExpExecArray>();
      const giveUp = (why: string): void =>
        seen.reject(new Error(`${why} before ${pattern} was seen:\n${output.stdout}\n${output.stderr}`));
      const timer = setTimeout(() => giveUp('60 s passed'), longestMs);
      const look = (): void => {
        const match = pattern.exec(output.stdout) ?? pattern.exec(output.stderr);
        if (match !== null) seen.resolve(match);
        else if (child.exitCode !== null || child.signalCode !== null) giveUp('the process ended');
      };
      waiting.add(look);
      look();
      try {
        return await seen.promise;
      } finally {
        clearTimeout(timer);
        waiting.delete(look);
      }
    },
  };
}

/** A command that ends by itself. */
export async function runFlashmux(words: readonly string[], options: StartOptions): Promise<Ended> {
  const started = startFlashmux(words, options);
  const timer = setTimeout(() => started.child.kill('SIGKILL'), longestMs);
  try {
    return await started.ended;
  } finally {
    clearTimeout(timer);
  }
}

/** Ends a server and waits for it, whatever a test left of it. */
export async function stopFlashmux({ child, ended }: FlashmuxProcess): Promise<Ended> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), longestMs);
  try {
    return await ended;
  } finally {
    clearTimeout(timer);
  }
}

export async function temporaryHome(): Promise<{ readonly home: string; remove(): Promise<void> }> {
  const home = await mkdtemp(path.join(tmpdir(), 'flashmux-cli-'));
  return { home, remove: () => rm(home, { recursive: true, force: true }) };
}

/** Nor are the keys of public hosts that a developer may have, which would make providers. */
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const keys = new Set(knownHosts.map(({ keyVariable }) => keyVariable));
  const isSetting = (name: string): boolean => name.startsWith('FLASHMUX_') || keys.has(name);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !isSetting(name)));
}
