import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/** `before-commit`: the server never hears of the COMMIT. `after-commit`: it commits, and its answer is lost. */
export type Cut = 'before-commit' | 'after-commit';

/** Stands between a store and its PostgreSQL, and cuts a connection exactly at a COMMIT. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #next: Cut | undefined;
  #each: Cut | undefined;
  #cuts = 0;

  private constructor(server: Server, target: URL) {
    this.#server = server;
    this.#target = target;
    server.on('connection', (client) => this.#join(client));
  }

  static async before(url: string): Promise<CuttingProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new CuttingProxy(server, new URL(url));
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
    const url = new URL(this.#target);
    url.port = String(address.port);
    return url.href;
  }

  /** How often it has cut so far. */
  get cuts(): number {
    return this.#cuts;
  }

  /** Cuts the connection that commits next. */
  cutNext(cut: Cut): void {
    this.#next = cut;
  }

  /** Cuts every connection that commits, until it is told to cut nothing. */
  cutEach(cut: Cut | undefined): void {
    this.#each = cut;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname);
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', end).on('close', () => {
        this.#sockets.delete(socket);
        end();
      });
    }
    let answersAreLost = false;
    client.on('data', (bytes) => {
      const cut = bytes.includes(commitMessage) ? this.#take() : undefined;
      if (cut === 'before-commit') return end();
      answersAreLost ||= cut === 'after-commit';
      server.write(bytes);
    });
    // The server answers once the commit is on its disk.
    server.on('data', (bytes) => (answersAreLost ? end() : client.write(bytes)));
  }

  #take(): Cut | undefined {
    const cut = this.#next ?? this.#each;
    this.#next = undefined;
    if (cut !== undefined) this.#cuts += 1;
    return cut;
  }
}

/** A simple query: Q, the length of the rest, the text, and a zero byte. */
const commitMessage = Buffer.from('Q\0\0\0\x0bCOMMIT\0', 'latin1');
