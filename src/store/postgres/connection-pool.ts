import { FlashmuxError } from '../../model/fault.ts';
import type { PostgresConnection } from './postgres-connection.ts';

export interface PoolOptions {
  readonly open: () => Promise<PostgresConnection>;
  /** How many connections at most. */
  readonly size: number;
}

interface Waiter {
  readonly resolve: (connection: PostgresConnection) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

/** Connections that are lent to one caller at a time, first come, first served. Made when they are needed. */
export class ConnectionPool {
  readonly #options: PoolOptions;
  readonly #idle: PostgresConnection[] = [];
  readonly #waiting = new Set<Waiter>();
  /** Lent, idle and being opened. */
  #count = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /**
   * Lends a connection for the time of the work. `patienceMs`: how long to wait for one before `overloaded` is thrown; absent: as
   * long as it takes. Throws ConnectionLost where none can be opened.
   */
  async use<Result>(work: (connection: PostgresConnection) => Promise<Result>, patienceMs?: number): Promise<Result> {
    const connection = await this.#take(patienceMs);
    try {
      return await work(connection);
    } finally {
      this.#giveBack(connection);
    }
  }

  /** Where one connection broke the others probably did too, and would only be found out one by one. */
  dropIdle(): void {
    for (const connection of this.#idle.splice(0)) this.#drop(connection);
  }

  /** For when nobody waits and nothing is lent any more. */
  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((connection) => connection.close()));
  }

  #take(patienceMs: number | undefined): Promise<PostgresConnection> {
    const connection = this.#takeIdle();
    if (connection !== undefined) return Promise.resolve(connection);
    if (this.#count < this.#options.size) return this.#open();
    return new Promise((resolve, reject) => {
      const timer = patienceMs === undefined ? undefined : setTimeout(() => this.#giveUp(waiter), patienceMs);
      const waiter: Waiter = { resolve, reject, timer };
      this.#waiting.add(waiter);
    });
  }

  #takeIdle(): PostgresConnection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (!connection.isLost) return connection;
      this.#drop(connection);
    }
    return undefined;
  }

  async #open(): Promise<PostgresConnection> {
    this.#count += 1;
    try {
      return await this.#options.open();
    } catch (error) {
      this.#count -= 1;
      this.#serveNext();
      throw error;
    }
  }

  #giveBack(connection: PostgresConnection): void {
    if (connection.isLost) {
      this.#drop(connection);
      this.#serveNext();
      return;
    }
    const next = this.#shift();
    if (next === undefined) this.#idle.push(connection);
    else next.resolve(connection);
  }

  /** There is room for one more connection. */
  #serveNext(): void {
    const next = this.#shift();
    if (next !== undefined) this.#open().then(next.resolve, next.reject);
  }

  #shift(): Waiter | undefined {
    const [next] = this.#waiting;
    if (next === undefined) return undefined;
    this.#waiting.delete(next);
    clearTimeout(next.timer);
    return next;
  }

  #giveUp(waiter: Waiter): void {
    this.#waiting.delete(waiter);
    waiter.reject(
      new FlashmuxError('overloaded', 'Too many requests wait for the database. Try again later.', { retryAfterSeconds: 1 }),
    );
  }

  #drop(connection: PostgresConnection): void {
    this.#count -= 1;
    void connection.close();
  }
}
