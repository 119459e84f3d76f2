import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface StartOptions {
  readonly command: string;
  readonly words: readonly string[];
  /** It runs in this folder, and what it says goes to the file `output` in it. */
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** True: it can be sent messages. */
  readonly talks?: boolean;
}

const startMs = 30_000;
const stopMs = 30_000;

/** A program of the benchmark that runs until it is told to stop. */
export class GatewayProcess {
  readonly child: ChildProcess;
  readonly #outputFile: string;
  readonly #ended: Promise<void>;
  #failure: Error | undefined;

  constructor({ command, words, folder, environment = {}, talks = false }: StartOptions) {
    this.#outputFile = path.join(folder, 'output');
    // A file and no pipe: a pipe would have to be read while the machine is being measured.
    const output = openSync(this.#outputFile, 'w');
    const stdio: StdioOptions = talks ? ['ignore', output, output, 'ipc'] : ['ignore', output, output];
    this.child = spawn(command, words, { cwd: folder, env: { ...process.env, ...environment }, stdio });
    closeSync(output);
    this.#ended = new Promise((resolve) => {
      this.child.once('exit', () => resolve());
      this.child.once('error', (error) => {
        this.#failure = error;
        resolve();
      });
    });
  }

  get processId(): number {
    if (this.child.pid === undefined) throw this.#gone();
    return this.child.pid;
  }

  /** The first match in what it says. Rejects where it ends before. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    return await this.#eventually(`it said ${pattern}`, () => Promise.resolve(pattern.exec(this.#output()) ?? undefined));
  }

  async listens(port: number): Promise<void> {
    await this.#eventually(`it listened on ${port}`, async () => ((await canConnect(port)) ? true : undefined));
  }

  /** SIGTERM, and SIGKILL to whoever does not heed it. */
  async stop(): Promise<void> {
    if (this.#hasEnded) return;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), stopMs);
    await this.#ended;
    clearTimeout(timer);
  }

  get #hasEnded(): boolean {
    return this.#failure !== undefined || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  #output(): string {
    return readFileSync(this.#outputFile, 'utf8');
  }

  #gone(): Error {
    return new Error(`${this.child.spawnfile} does not run:\n${this.#output().slice(-2_000)}`, { cause: this.#failure });
  }

  async #eventually<Value>(what: string, look: () => Promise<Value | undefined>): Promise<Value> {
    for (const end = performance.now() + startMs; performance.now() < end; await pause(5)) {
      const value = await look();
      if (value !== undefined) return value;
      if (this.#hasEnded) throw this.#gone();
    }
    throw new Error(`${startMs} ms passed before ${what}:\n${this.#output().slice(-2_000)}`);
  }
}

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}

async function canConnect(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
