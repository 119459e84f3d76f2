import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { z } from 'zod';
import { loadReport, type LoadCommand, type LoadReport } from './load-messages.ts';

const listening = z.object({ port: z.int() });
const answered = z.union([z.object({ report: loadReport }), z.object({ failed: z.string() })]);

/** The simulated host, in a process of its own. */
export interface Host {
  readonly port: number;
  readonly processId: number;
  stop(): void;
}

export async function startHost(): Promise<Host> {
  const child = forked('simulator.ts');
  const { port } = listening.parse(await nextMessage(child));
  return { port, processId: idOf(child), stop: () => child.disconnect() };
}

/** The callers, in a process of their own. One command at a time. */
export interface Load {
  run(command: LoadCommand): Promise<LoadReport>;
  stop(): void;
}

export function startLoad(): Load {
  const child = forked('load.ts');
  return {
    async run(command) {
      child.send(command);
      const told = answered.parse(await nextMessage(child));
      if ('failed' in told) throw new Error(`The callers failed: ${told.failed}`);
      return told.report;
    },
    stop: () => child.disconnect(),
  };
}

function forked(file: string): ChildProcess {
  // Node's own switches are not handed on: a profile is taken of the servers only.
  return fork(path.join(import.meta.dirname, file), [], { execArgv: ['--disable-warning=ExperimentalWarning'] });
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const onExit = (code: number | null): void => reject(new Error(`${child.spawnargs.at(1)} ended with ${code}.`));
  child.once('message', resolve);
  child.once('exit', onExit);
  try {
    return await promise;
  } finally {
    child.off('message', resolve);
    child.off('exit', onExit);
  }
}

function idOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('A process of the benchmark did not start.');
  return child.pid;
}
