import { setTimeout as wait } from 'node:timers/promises';
import { FlashmuxError } from '../../model/fault.ts';
import type { Clock } from '../../model/ports.ts';
import type { Log } from '../../telemetry/log.ts';
import { isAlwaysAdmitted, operationOf } from '../sql/operations.ts';
import type { Call, OperationName, ResultOf } from '../sql/operations.ts';
import type { Operation } from '../sql/statement.ts';
import type { ConnectionPool } from './connection-pool.ts';
import { announcing } from './notices.ts';
import type { PostgresConnection } from './postgres-connection.ts';
import { publicError, remedyOf } from './postgres-fault.ts';

export interface PerformerOptions {
  readonly pool: ConnectionPool;
  /** How many calls may be under way; the next one is refused with `overloaded`. */
  readonly mostCalls: number;
  /** How long a call is tried again, in milliseconds; a call that is only waiting for a connection is refused after it. */
  readonly patienceMs: number;
  readonly clock: Pick<Clock, 'ticks'>;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly log: Log;
}

const mostAttempts = 30;
const firstPauseMs = 10;
const longestPauseMs = 1_000;

/**
 * Performs calls, each as one transaction that either is whole or is not there. What another transaction or a broken connection
 * undid is run again from its start; a call that is run again although it was committed finds its own ids and changes nothing.
 */
export class Performer {
  readonly #options: PerformerOptions;
  #underWay = 0;
  #isAway = false;
  #closed: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  constructor(options: PerformerOptions) {
    this.#options = options;
  }

  /** Throws `overloaded` where the queue is full or the database stays away, `shutting_down` after `close`. */
  async perform<Name extends OperationName>(call: Call<Name> & Call): Promise<ResultOf<Name>> {
    const isUrgent = isAlwaysAdmitted(call.name);
    if (this.#closed !== undefined) throw shuttingDown();
    if (this.#underWay >= this.#options.mostCalls && !isUrgent) {
      throw new FlashmuxError('overloaded', 'Too many requests wait for the database. Try again later.', {
        retryAfterSeconds: 1,
      });
    }
    const operate = (): Operation<ResultOf<Name>> => operationOf<Name>(call);
    if (reads.has(call.name)) return this.#admit(isUrgent, (connection) => connection.read(operate()));
    return this.#admit(isUrgent, (connection) => connection.transact(announcing(call, operate())));
  }

  /** Any other work on a connection, run again like a call: it must be able to find out that it was done already. */
  work<Result>(work: (connection: PostgresConnection) => Promise<Result>): Promise<Result> {
    return this.#admit(true, work);
  }

  /** Waits for the calls that were admitted and refuses new ones. */
  close(): Promise<void> {
    this.#closed ??= this.#closeOnce();
    return this.#closed;
  }

  async #closeOnce(): Promise<void> {
    if (this.#underWay > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve));
    await this.#options.pool.close();
  }

  async #admit<Result>(isUrgent: boolean, work: (connection: PostgresConnection) => Promise<Result>): Promise<Result> {
    this.#underWay += 1;
    try {
      return await this.#repeat(isUrgent, work);
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#onIdle?.();
    }
  }

  async #repeat<Result>(isUrgent: boolean, work: (connection: PostgresConnection) => Promise<Result>): Promise<Result> {
    const { pool, clock, patienceMs } = this.#options;
    const deadline = clock.ticks() + patienceMs;
    let collisions = 0;
    for (let attempt = 1; ; attempt++) {
      try {
        const result = await pool.use(work, isUrgent ? undefined : Math.max(0, deadline - clock.ticks()));
        this.#cameBack();
        return result;
      } catch (error) {
        const remedy = remedyOf(error);
        if (remedy === 'rerun-once') collisions += 1;
        if (remedy === 'none' || collisions > 1) throw publicError(error);
        if (remedy === 'reconnect') this.#wentAway(error);
        const pauseMs = this.#pauseMs(attempt);
        if (attempt >= mostAttempts || clock.ticks() + pauseMs >= deadline) throw stayedAway(error);
        await wait(pauseMs);
      }
    }
  }

  /** Twice as long each time, and never the same for two callers, so that they do not meet again. */
  #pauseMs(attempt: number): number {
    const most = Math.min(firstPauseMs * 2 ** (attempt - 1), longestPauseMs);
    return most * (0.5 + this.#options.random() / 2);
  }

  #wentAway(error: unknown): void {
    this.#options.pool.dropIdle();
    if (this.#isAway) return;
    this.#isAway = true;
    this.#options.log.warn({ error }, 'the database went away; trying again');
  }

  #cameBack(): void {
    if (!this.#isAway) return;
    this.#isAway = false;
    this.#options.log.info({}, 'the database is there again');
  }
}

/** What never writes needs no transaction: each of its statements sees what was committed when it began. */
const reads: ReadonlySet<OperationName> = new Set([
  'account.find',
  'account.find-path',
  'account.list',
  'entry.list',
  'epoch.list',
  'grant.list',
  'hold.find',
  'hold.overdue',
  'key.find',
  'key.list',
  'lease.recalled',
  'lease.wanted',
  'record.find',
  'record.find-answer',
  'record.list',
  'response.find',
  'response.items',
  'response.running',
  'response.events',
  'conversation.find',
  'conversation.items',
  'usage.sum',
  'usage.sum-tools',
]);

function stayedAway(error: unknown): FlashmuxError {
  const words = 'The database cannot be reached or is too busy at the moment. Try again later.';
  return new FlashmuxError('overloaded', words, { cause: publicError(error), retryAfterSeconds: 5 });
}

function shuttingDown(): FlashmuxError {
  return new FlashmuxError('shutting_down', 'The server is shutting down.', { retryAfterSeconds: 5 });
}
