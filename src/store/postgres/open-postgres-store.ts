import type { LeaseStore } from '../../ledger/lease.ts';
import type { Clock } from '../../model/ports.ts';
import type { Log } from '../../telemetry/log.ts';
import { LeaseKeeper, type Leasing } from '../leases/lease-keeper.ts';
import { recallingLedgerStore } from '../leases/recalling-ledger-store.ts';
import type { Perform } from '../sql/operations.ts';
import { sqlRateShare } from '../sql/rate-operations.ts';
import { sqlSessionStore } from '../sql/sql-session-store.ts';
import { sqlKeyStore, sqlLeaseRecalls, sqlLeaseStore, sqlLedgerStore } from '../sql/sql-store.ts';
import type { Store } from '../store.ts';
import { ConnectionPool } from './connection-pool.ts';
import { EpochKeeper } from './epoch-keeper.ts';
import { migrate } from './migrate.ts';
import { recalledAccounts, recallsBy } from './lease-recalls.ts';
import { listen, notify } from './notices.ts';
import type { Heard, Notice } from './notices.ts';
import { explainAbsence, explainRefusal } from './opening-fault.ts';
import { checkPepper } from './pepper-check.ts';
import { Performer } from './performer.ts';
import { PostgresConnection, usualLimits } from './postgres-connection.ts';
import type { ConnectionLimits } from './postgres-connection.ts';

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** Under which the keys are hashed: the same for every process on the database. */
  readonly pepper: Uint8Array;
  readonly log: Log;
  readonly clock: Clock;
  /** A new id for each life of this process in the database (`boot_...`). */
  readonly newEpochId: () => string;
  /** From 0 up to 1, for pauses that no two processes share. */
  readonly random: () => number;
  /** `owner` (default): a server, one of any number, which may hold. `guest`: a command beside them. */
  readonly role?: 'owner' | 'guest';
  /** How many connections work at the same time; a server has two more of its own. Default 10. */
  readonly connections?: number;
  /** How many calls may wait for a connection before new ones are refused with `overloaded`. Default 10,000. */
  readonly longestQueue?: number;
  /** How long a call is tried again while the database is away, in milliseconds. Default 10,000, for a guest 3,000. */
  readonly patienceMs?: number;
  readonly limits?: ConnectionLimits;
  /** Absent: every hold is decided by the database. */
  readonly leasing?: Leasing;
  /** How often a server shows that it lives, in milliseconds, and after how long of the contrary it is buried. */
  readonly beats?: { readonly everyMs: number; readonly silentForMs: number };
}

/** A store that any number of processes share. */
export interface PostgresStore extends Store {
  readonly perform: Perform;
  readonly leases: LeaseStore;
  /** Of this process as it is now. */
  epochId(): string;
  /** Tells all processes, this one included. */
  notify(notice: Notice): Promise<void>;
  /** Only servers hear. */
  onNotice(hear: (heard: Heard) => void): void;
}

/**
 * Opens the database and brings its schema up. What a method has returned is on the server's disk. Throws `conflict` where the
 * database cannot be used and says why, `overloaded` where it cannot be reached.
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const { url, log, clock, role = 'owner', connections = 10, longestQueue = 10_000 } = options;
  let isOpening = true;
  const makePerformer = (size: number, mostCalls: number): Performer => {
    const { random, patienceMs = role === 'owner' ? 10_000 : 3_000, limits = usualLimits } = options;
    const open = async (): Promise<PostgresConnection> => {
      try {
        return await PostgresConnection.open({ url, limits });
      } catch (error) {
        throw isOpening ? explainRefusal(error) : error;
      }
    };
    return new Performer({ pool: new ConnectionPool({ open, size }), mostCalls, patienceMs, clock, random, log });
  };

  const performer = makePerformer(connections, longestQueue + connections);
  try {
    await performer.work(async (connection) => {
      await migrate(connection, role === 'owner' ? 'server' : 'guest', clock.now());
      await connection.transact(checkPepper(options.pepper));
    });
    const server = role === 'owner' ? await joinServers(options, makePerformer(1, 100)) : undefined;
    isOpening = false;
    return storeOf(options, performer, server);
  } catch (error) {
    await performer.close();
    throw explainAbsence(error);
  }
}

/** What a server has and a guest has not. */
interface Membership {
  readonly keeper: EpochKeeper;
  readonly hearers: Set<(heard: Heard) => void>;
  leave(): Promise<void>;
}

/** Beats on a connection of its own: a process that has much to do must not be taken for dead. */
async function joinServers(options: PostgresStoreOptions, performer: Performer): Promise<Membership> {
  const { url, clock, log, newEpochId, beats = { everyMs: 5_000, silentForMs: 30_000 } } = options;
  const hearers = new Set<(heard: Heard) => void>();
  try {
    const perform: Perform = (call) => performer.perform(call);
    const keeper = await EpochKeeper.begin({ perform, newEpochId, clock, log, silentForMs: beats.silentForMs });
    const listener = await listen(url, (heard) => {
      for (const hear of hearers) hear(heard);
    });
    const timer = setInterval(() => void keeper.beat(), beats.everyMs).unref();
    const leave = async (): Promise<void> => {
      clearInterval(timer);
      await listener.close();
      await keeper.end().catch((error: unknown) => log.warn({ error }, 'the end of this process was not written'));
      await performer.close();
    };
    return { keeper, hearers, leave };
  } catch (error) {
    await performer.close();
    throw error;
  }
}

function storeOf(options: PostgresStoreOptions, performer: Performer, server: Membership | undefined): PostgresStore {
  const { leasing, clock, log } = options;
  const perform: Perform = (call) => performer.perform(call);
  // A guest has no epoch, so the database refuses its holds.
  const epochId = (): string => server?.keeper.epochId ?? 'guest';
  const onNotice = (hear: (heard: Heard) => void): void => void server?.hearers.add(hear);
  const tell = (notice: Notice): Promise<void> => performer.work((connection) => connection.transact(notify(notice)));
  const ledger = sqlLedgerStore(perform, epochId);
  const leases = sqlLeaseStore(perform, epochId);
  const recalls = sqlLeaseRecalls(perform, epochId);
  const keeper =
    leasing === undefined || server === undefined
      ? undefined
      : new LeaseKeeper({
          ...leasing,
          ledger,
          leases,
          clock,
          log,
          epochId,
          recall: recallsBy(tell),
          recalled: () => recalls.recalled(),
        });
  onNotice((heard) => {
    if (heard.kind === 'recall') void keeper?.giveBack(recalledAccounts(heard.payload));
  });
  const closeAll = async (): Promise<void> => {
    if (keeper !== undefined) await keeper.close();
    await performer.close();
    await server?.leave();
  };
  let closed: Promise<void> | undefined;
  return {
    perform,
    epochId,
    keys: sqlKeyStore(perform),
    ledger: keeper?.ledger ?? (server === undefined ? recallingLedgerStore(ledger, recalls) : ledger),
    sessions: sqlSessionStore(perform, epochId),
    leases,
    rates: sqlRateShare(perform, epochId),
    notify: tell,
    onNotice,
    onKeyChange: (hear) =>
      onNotice((heard) => {
        if (heard.kind === 'key') hear(heard.payload);
        if (heard.kind === 'missed') hear(undefined);
      }),
    close: () => {
      closed ??= closeAll();
      return closed;
    },
  };
}
