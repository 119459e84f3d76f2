import { expect } from 'vitest';
import type { LedgerStore, NewSettlement } from '../../ledger/ledger-store.ts';
import { openMemoryDatabase, type MemoryDatabase } from '../memory/memory-database.ts';
import { operationOf, type Call, type OperationName, type Perform } from '../sql/operations.ts';
import { sqlLeaseRecalls, sqlLeaseStore, sqlLedgerStore } from '../sql/sql-store.ts';
import { runOperation } from '../sqlite/sql-port.ts';
import { LeasedLedgerStore } from './leased-ledger-store.ts';

// Several processes on one database, each deciding against leases of its own. The database is SQLite here, which knows no
// difference: the statements are the same.

export const dime = 100_000_000n;

interface Replica {
  readonly epochId: string;
  readonly leased: LeasedLedgerStore;
  readonly store: LedgerStore;
}

/** A database, the way to it, and what goes wrong on that way. */
export class SharedDatabase {
  readonly rows: MemoryDatabase['rows'];
  /** Of the clock that never goes back. */
  ticks = 0;
  /** The way of a call to the database, and of its answer back. */
  arrives = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  /** Calls whose answer is lost on its way back, although the database did what it was asked. */
  losesAnswers: (call: Call) => boolean = () => false;
  /** Calls that do not reach it. */
  isAway: (call: Call) => boolean = () => false;
  readonly #database = openMemoryDatabase();
  #leases = 0;

  constructor() {
    this.rows = (statement) => this.#database.rows(statement);
  }

  readonly perform: Perform = async <Name extends OperationName>(call: Call<Name> & Call) => {
    // As a database on the network does it: never in the same turn.
    await this.arrives();
    if (this.isAway(call)) throw new Error('the database is away');
    this.#database.script('BEGIN');
    const result = runOperation(this.#database, operationOf<Name>(call));
    this.#database.script('COMMIT');
    await this.arrives();
    if (this.losesAnswers(call)) throw new Error('the connection was lost');
    return result;
  };

  async replica(): Promise<Replica> {
    const [replica] = await this.replicas(1);
    if (replica === undefined) throw new Error('There is no replica.');
    return replica;
  }

  async replicas(count: number): Promise<readonly Replica[]> {
    const all: Replica[] = [];
    const { perform } = this;
    for (let number = 1; number <= count; number++) {
      const epochId = `epoch-${number}`;
      await perform({ name: 'epoch.join', input: { id: epochId, processId: number, host: 'test', startedAt: 1 } });
      const recalls = sqlLeaseRecalls(perform, () => epochId);
      const leased = new LeasedLedgerStore(
        sqlLedgerStore(perform, () => epochId),
        sqlLeaseStore(perform, () => epochId),
        {
          clock: { now: () => 1_000, ticks: () => this.ticks },
          newLeaseId: () => `lse_${++this.#leases}`,
          epochId: () => epochId,
          hotHoldsPerSecond: 0,
          recalled: () => recalls.recalled(),
          recall: async (accountIds) => {
            await Promise.all(all.filter((each) => each.epochId !== epochId).map((each) => each.leased.giveBack(accountIds)));
          },
        },
      );
      all.push({ epochId, leased, store: leased.asStore() });
    }
    return all;
  }

  /** Nothing may be left over or made up: the account has what came in, less what was posted, and no open hold. */
  expectRightBooks(): void {
    this.expectRightSums();
    const wrong = this.rows({
      text: `SELECT id FROM accounts WHERE debits <> (SELECT COALESCE(SUM(charged), 0) FROM request_records WHERE account_id = accounts.id)`,
      values: [],
    });
    expect(wrong).toEqual([]);
  }

  /** The same of books in which more than requests takes credits away. */
  expectRightSums(): void {
    const wrong = this.rows({
      text: `SELECT id FROM accounts WHERE credits - debits <> (SELECT COALESCE(SUM(amount), 0) FROM entries WHERE account_id = accounts.id)
               OR credits - debits - pending < 0
               OR pending <> (SELECT COALESCE(SUM(reserved), 0) FROM holds WHERE account_id = accounts.id AND state = 'open')`,
      values: [],
    });
    expect(wrong).toEqual([]);
  }

  openLeases(): number {
    return this.rows({ text: `SELECT request_id FROM holds WHERE state = 'open' AND request_id LIKE 'lse%'`, values: [] }).length;
  }

  close(): void {
    this.#database.close();
  }
}

export async function account(store: LedgerStore, id: string, amount: bigint): Promise<void> {
  await store.openAccount({ id, limit: 'prepaid', overdraft: 0n, createdAt: 1 });
  await store.credit({ accountId: id, kind: 'topup', amount, ref: `gift-${id}`, at: 1 });
}

export function settlement(requestId: string, cost: bigint): NewSettlement {
  const line = { meter: 'output-text', quantity: 1, rate: { usd: '1', per: 1 }, amount: cost } as const;
  return {
    requestId,
    at: 1_001,
    cost,
    bill: { lines: [line], total: cost, priceListId: 'list@1' },
    usage: { input: { total: 1 }, output: { total: 1 }, toolCalls: {} },
    outcome: 'complete',
  };
}

export async function attempt(store: LedgerStore, requestId: string, amount: bigint, cost: bigint): Promise<'passed' | 'short'> {
  const hold = { requestId, accountId: 'customer', amount, createdAt: 1_000, expiresAt: 9_000 };
  const answer = await store.hold(hold);
  if (answer.kind !== 'held') return 'short';
  await store.settle(settlement(requestId, cost));
  return 'passed';
}
