import type { Account } from '../../ledger/account.ts';
import type { LeaseAnswer, LeaseEnd, LeaseSettled, NewLease } from '../../ledger/lease.ts';
import { accountsOf, findPath, lockAccount } from './account-operations.ts';
import { chargeLate, post } from './settle-operations.ts';
import { endedBefore, findHold, pathText } from './hold-operations.ts';
import { pathOf } from './ledger-rows.ts';
import { bringUp, moveOn, reserveUpTo } from './path-operations.ts';
import { insertRecord } from './record-operations.ts';
import { bigintColumn, textColumn } from './row.ts';
import { query } from './statement.ts';
import type { Operation } from './statement.ts';

// A lease is a hold of a process: requests are admitted against it without a word to the database, and their settlements make
// it smaller. It ends like any hold, so a process that dies leaves nothing behind that the sweep would not find.

/** Sets aside up to `most`, never less than `least`. */
export function* takeLease(wish: NewLease & { readonly epochId: string }): Operation<LeaseAnswer> {
  const before = yield* findHold({ requestId: wish.leaseId });
  // The transaction runs once more after its connection was lost.
  if (before?.state === 'open') return { kind: 'leased', amount: before.amount, path: yield* accountsOf(before.path) };
  if (before !== undefined) throw new Error(`The lease ${wish.leaseId} was taken before, and is ${before.state}.`);
  const found = yield* findPath({ accountId: wish.budgetId ?? wish.accountId });
  if (!found.some(({ id }) => id === wish.accountId)) return { kind: 'no-account' };
  const path = yield* bringUp(found, wish.at);
  const reserved = yield* reserveUpTo(path, wish);
  if (reserved === undefined) return { kind: 'short', path: yield* accountsOf(path.map(({ id }) => id)) };
  yield* query(
    `INSERT INTO holds (request_id, account_id, path_json, amount, reserved, state, epoch_id, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $4, 'open', $5, $6, $7)`,
    wish.leaseId,
    wish.accountId,
    pathText(path),
    reserved.amount,
    wish.epochId,
    BigInt(wish.at),
    // Its process ends it, or the sweep of dead processes does; it has no time of its own.
    BigInt(Number.MAX_SAFE_INTEGER),
  );
  return { kind: 'leased', amount: reserved.amount, path: reserved.path };
}

/** Settles and releases requests that were admitted against one lease, in one transaction. */
export function* endInLease(input: {
  readonly leaseId: string;
  readonly epochId: string;
  readonly ends: readonly LeaseEnd[];
}): Operation<readonly LeaseSettled[]> {
  const lease = yield* lockLease(input.leaseId);
  if (lease === undefined) throw new Error(`There is no lease ${input.leaseId}.`);
  const answers: Omit<LeaseSettled, 'path'>[] = [];
  for (const end of input.ends) answers.push(yield* endOne(end, lease, input));
  const { spent, path } = lease;
  if (spent > 0n && lease.isOpen) {
    yield* query('UPDATE holds SET amount = amount - $2, reserved = reserved - $2 WHERE request_id = $1', input.leaseId, spent);
  }
  const after = lease.isOpen ? yield* moveOn(path, { released: spent, debited: spent, credited: 0n }) : yield* accountsOf(path);
  return answers.map((answer) => ({ ...answer, path: after }));
}

interface Lease {
  readonly id: string;
  readonly accountId: string;
  readonly path: readonly string[];
  readonly accounts: readonly Account[];
  /** False once its process was given up for dead: what it had set aside is others' now. */
  readonly isOpen: boolean;
  readonly amount: bigint;
  /** What this transaction takes out of it. */
  spent: bigint;
}

function* lockLease(leaseId: string): Operation<Lease | undefined> {
  const [row] = yield* query(
    'UPDATE holds SET created_at = created_at WHERE request_id = $1 RETURNING account_id, path_json, amount, state',
    leaseId,
  );
  if (row === undefined) return undefined;
  const path = pathOf(row);
  // Locked from the root down before anything is worked out from them: other leases on them may be settled at the same time.
  const accounts: Account[] = [];
  for (const id of path) accounts.push(yield* lockAccount(id));
  return {
    id: leaseId,
    accountId: textColumn(row, 'account_id'),
    path,
    accounts,
    isOpen: textColumn(row, 'state') === 'open',
    amount: bigintColumn(row, 'amount'),
    spent: 0n,
  };
}

function* endOne(end: LeaseEnd, lease: Lease, { epochId }: { readonly epochId: string }): Operation<Omit<LeaseSettled, 'path'>> {
  const { requestId } = end;
  const cost = end.kind === 'settle' ? (end.settlement.cost < end.held ? end.settlement.cost : end.held) : 0n;
  const left = lease.amount - lease.spent;
  const inTime = lease.isOpen && cost <= left;
  const [inserted] = yield* query(
    `INSERT INTO holds (request_id, account_id, path_json, amount, reserved, state, epoch_id, created_at, expires_at, charged, ended_at, lease_id)
     VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $7, $8, $9, $10)
     ON CONFLICT (request_id) DO NOTHING RETURNING request_id`,
    requestId,
    lease.accountId,
    lease.path.length === 1 ? null : JSON.stringify(lease.path),
    end.held,
    end.kind === 'settle' ? 'posted' : 'void',
    epochId,
    BigInt(end.createdAt),
    end.kind === 'settle' ? cost : null,
    BigInt(end.at),
    lease.id,
  );
  if (inserted === undefined) {
    const before = yield* endedBefore({ requestId, at: end.at });
    return { requestId, kind: 'replayed', charged: before.kind === 'ended' ? (before.charged ?? 0n) : 0n };
  }
  if (end.kind === 'void') {
    const { accountId } = lease;
    if (end.record !== undefined) yield* insertRecord({ requestId, accountId, charged: 0n, at: end.at, ...end.record });
    return { requestId, kind: 'voided', charged: 0n };
  }
  const { accountId } = lease;
  if (inTime) {
    lease.spent += cost;
    yield* post(end.settlement, { path: lease.accounts, accountId, charged: cost, given: 0n, kind: 'usage' });
    return { requestId, kind: 'posted', charged: cost };
  }
  const { charged, path } = yield* chargeLate(lease.path, cost);
  yield* query('UPDATE holds SET charged = $2 WHERE request_id = $1', requestId, charged);
  yield* post(end.settlement, { path, accountId, charged, given: 0n, kind: 'late' });
  return { requestId, kind: 'late', charged };
}

/**
 * Lowers a lease to what is needed of it, so that doing it twice does it once. Gives the path afterwards; undefined where the lease
 * has ended.
 */
export function* returnLease(input: {
  readonly leaseId: string;
  /** What is to be left; a lease that has less is left alone. Absent: nothing, and the lease ends. */
  readonly needed?: bigint;
  readonly at: number;
}): Operation<readonly Account[] | undefined> {
  const lease = yield* lockLease(input.leaseId);
  if (lease?.isOpen !== true) return undefined;
  const needed = input.needed ?? 0n;
  if (input.needed === undefined) {
    yield* query(`UPDATE holds SET state = 'void', ended_at = $2 WHERE request_id = $1`, input.leaseId, BigInt(input.at));
  } else if (needed < lease.amount) {
    yield* query('UPDATE holds SET amount = $2, reserved = $2 WHERE request_id = $1', input.leaseId, needed);
  }
  const released = needed < lease.amount ? lease.amount - needed : 0n;
  return yield* moveOn(lease.path, { released, debited: 0n, credited: 0n });
}
