import type { Account } from '../../ledger/account.ts';
import type { HoldState } from '../../ledger/ledger-store.ts';
import type { LeaseAnswer, LeaseEnd, LeaseSettled, NewLease } from '../../ledger/lease.ts';
import type { RequestRecord } from '../../ledger/request-record.ts';
import { accountsOf, findPath } from './account-operations.ts';
import { chargeLate, post } from './settle-operations.ts';
import { endedBefore, findHold, pathText } from './hold-operations.ts';
import { pathOf } from './ledger-rows.ts';
import { bringUp, moveOn, reserveUpTo } from './path-operations.ts';
import { insertRecord } from './record-operations.ts';
import { bigintColumn, textColumn } from './row.ts';
import { query } from './statement.ts';
import type { Operation, Row } from './statement.ts';
import { addToSums } from './sum-operations.ts';

// A lease is a hold of a process: requests are admitted against it without a word to the database, and their settlements make
// it smaller. It ends like any hold, so a process that dies leaves nothing behind that the sweep would not find.

/** Its process ends it, or the sweep of dead processes does; it has no time of its own. */
const neverExpires = BigInt(Number.MAX_SAFE_INTEGER);
/** The same of a lease that somebody wants back: no clock comes to it, and no other hold has it. */
const wantedBack = neverExpires - 1n;

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
    neverExpires,
  );
  return { kind: 'leased', amount: reserved.amount, path: reserved.path };
}

/** Settles and releases requests that were admitted against one lease, in one transaction. */
export function* endInLease(input: {
  readonly leaseId: string;
  readonly epochId: string;
  readonly ends: readonly LeaseEnd[];
}): Operation<readonly LeaseSettled[]> {
  const { leaseId, epochId, ends } = input;
  const owed = ends.reduce((sum, end) => sum + costOf(end), 0n);
  const draft = (yield* drawAll(leaseId, owed)) ?? (yield* drawSome(leaseId, owed));
  if (draft === undefined) throw new Error(`There is no lease ${leaseId}.`);
  const answers: Omit<LeaseSettled, 'path'>[] = [];
  for (const end of ends) answers.push(yield* endOne(end, draft, epochId));
  yield* addToSums(draft.recorded);
  const { left, path } = draft;
  if (left !== undefined && left > 0n) {
    // Of requests that had been ended before.
    yield* query('UPDATE holds SET amount = amount + $2, reserved = reserved + $2 WHERE request_id = $1', leaseId, left);
    draft.accounts = yield* moveOn(path, { released: -left, debited: -left, credited: 0n });
  }
  return answers.map((answer) => ({ ...answer, path: draft.accounts }));
}

function costOf(end: LeaseEnd): bigint {
  if (end.kind !== 'settle') return 0n;
  return end.settlement.cost < end.held ? end.settlement.cost : end.held;
}

/** What was taken out of a lease for the requests of one transaction. */
interface Draft {
  readonly leaseId: string;
  readonly accountId: string;
  readonly path: readonly string[];
  /** As this transaction leaves them. */
  accounts: readonly Account[];
  /** Of what was taken, what no request has cost yet. Undefined where the lease is over. */
  left: bigint | undefined;
  /** What this transaction writes down. */
  readonly recorded: RequestRecord[];
}

/** All that the requests cost, as nearly always; undefined where the lease has less or is over. */
function* drawAll(leaseId: string, owed: bigint): Operation<Draft | undefined> {
  const [row] = yield* query(
    `UPDATE holds SET amount = amount - $2, reserved = reserved - $2 WHERE request_id = $1 AND state = 'open' AND amount >= $2
     RETURNING account_id, path_json`,
    leaseId,
    owed,
  );
  return row === undefined ? undefined : yield* draw({ leaseId, row, amount: owed });
}

/** What there is. Nothing, where its process was given up for dead: what it had set aside is others' now. */
function* drawSome(leaseId: string, owed: bigint): Operation<Draft | undefined> {
  const lease = yield* lockLease(leaseId);
  if (lease === undefined) return undefined;
  const { row, isOpen } = lease;
  if (!isOpen) return yield* draw({ leaseId, row, amount: undefined });
  const amount = lease.amount < owed ? lease.amount : owed;
  yield* query('UPDATE holds SET amount = amount - $2, reserved = reserved - $2 WHERE request_id = $1', leaseId, amount);
  return yield* draw({ leaseId, row, amount });
}

/** Locks the accounts from the root down before anything is worked out from them: other leases on them may be settled at the same time. */
function* draw({
  leaseId,
  row,
  amount,
}: {
  readonly leaseId: string;
  readonly row: Row;
  readonly amount: bigint | undefined;
}): Operation<Draft> {
  const path = pathOf(row);
  const moved = amount ?? 0n;
  const accounts = yield* moveOn(path, { released: moved, debited: moved, credited: 0n });
  return { leaseId, accountId: textColumn(row, 'account_id'), path, accounts, left: amount, recorded: [] };
}

interface LockedLease {
  readonly row: Row;
  readonly isOpen: boolean;
  readonly amount: bigint;
}

function* lockLease(leaseId: string): Operation<LockedLease | undefined> {
  const [row] = yield* query(
    'UPDATE holds SET created_at = created_at WHERE request_id = $1 RETURNING account_id, path_json, amount, state',
    leaseId,
  );
  if (row === undefined) return undefined;
  return { row, isOpen: textColumn(row, 'state') === 'open', amount: bigintColumn(row, 'amount') };
}

const endStates = { settle: 'posted', void: 'void', expire: 'expired' } as const satisfies Record<LeaseEnd['kind'], HoldState>;

function* endOne(end: LeaseEnd, draft: Draft, epochId: string): Operation<Omit<LeaseSettled, 'path'>> {
  const { requestId } = end;
  const { accountId, path, recorded } = draft;
  const cost = costOf(end);
  const [inserted] = yield* query(
    `INSERT INTO holds (request_id, account_id, path_json, amount, reserved, state, epoch_id, created_at, expires_at, charged, ended_at, lease_id)
     VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $7, $8, $9, $10)
     ON CONFLICT (request_id) DO NOTHING RETURNING request_id`,
    requestId,
    accountId,
    path.length === 1 ? null : JSON.stringify(path),
    end.held,
    endStates[end.kind],
    epochId,
    BigInt(end.createdAt),
    end.kind === 'settle' ? cost : null,
    BigInt(end.at),
    draft.leaseId,
  );
  if (inserted === undefined) {
    const before = yield* endedBefore({ requestId, at: end.at });
    return { requestId, kind: 'replayed', charged: before.kind === 'ended' ? (before.charged ?? 0n) : 0n };
  }
  if (end.kind === 'expire') return { requestId, kind: 'expired', charged: 0n };
  if (end.kind === 'void') {
    if (end.record !== undefined) yield* insertRecord({ requestId, accountId, charged: 0n, at: end.at, ...end.record }, recorded);
    return { requestId, kind: 'voided', charged: 0n };
  }
  if (draft.left !== undefined && cost <= draft.left) {
    draft.left -= cost;
    const posting = { path: draft.accounts, accountId, charged: cost, given: 0n, kind: 'usage', recorded } as const;
    draft.accounts = yield* post(end.settlement, posting);
    return { requestId, kind: 'posted', charged: cost };
  }
  const late = yield* chargeLate(path, cost);
  yield* query('UPDATE holds SET charged = $2 WHERE request_id = $1', requestId, late.charged);
  const posting = { path: late.path, accountId, charged: late.charged, given: 0n, kind: 'late', recorded } as const;
  draft.accounts = yield* post(end.settlement, posting);
  return { requestId, kind: 'late', charged: late.charged };
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
  } else {
    yield* query(
      `UPDATE holds SET amount = CASE WHEN amount < $2 THEN amount ELSE $2 END,
         reserved = CASE WHEN reserved < $2 THEN reserved ELSE $2 END, expires_at = $3 WHERE request_id = $1`,
      input.leaseId,
      needed,
      neverExpires,
    );
  }
  const released = needed < lease.amount ? lease.amount - needed : 0n;
  return yield* moveOn(pathOf(lease.row), { released, debited: 0n, credited: 0n });
}

/** Marks the open leases on an account as wanted back, so that their processes see it when they look. */
export function* recallLeases(input: { readonly accountId: string }): Operation<readonly string[]> {
  const leases = yield* query(
    `SELECT request_id, account_id, path_json FROM holds WHERE state = 'open' AND expires_at >= $1 ORDER BY request_id`,
    wantedBack,
  );
  const ids = leases.filter((row) => pathOf(row).includes(input.accountId)).map((row) => textColumn(row, 'request_id'));
  for (const id of ids) yield* query(`UPDATE holds SET expires_at = $2 WHERE request_id = $1 AND state = 'open'`, id, wantedBack);
  return ids;
}

export function* recalledLeases(input: { readonly epochId: string }): Operation<readonly string[]> {
  const rows = yield* query(
    `SELECT request_id FROM holds WHERE state = 'open' AND expires_at = $1 AND epoch_id = $2 ORDER BY request_id`,
    wantedBack,
    input.epochId,
  );
  return rows.map((row) => textColumn(row, 'request_id'));
}

/** Of all processes. */
export function* wantedLeases(_: null): Operation<readonly string[]> {
  const rows = yield* query(
    `SELECT request_id FROM holds WHERE state = 'open' AND expires_at = $1 ORDER BY request_id`,
    wantedBack,
  );
  return rows.map((row) => textColumn(row, 'request_id'));
}
