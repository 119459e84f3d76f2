import { payable } from '../../ledger/balance.ts';
import type {
  Account,
  EndedBefore,
  EntryKind,
  HoldAnswer,
  HoldEnd,
  NewHold,
  NewSettlement,
  NewVoid,
  SettleAnswer,
  StoredHold,
  VoidAnswer,
} from '../../ledger/ledger-store.ts';
import { accountOf, findAccount, postEntry } from './account-operations.ts';
import { accountColumns, holdColumns, readAccount, readHold } from './ledger-rows.ts';
import { insertRecord } from './record-operations.ts';
import { bigintColumn, textColumn } from './row.ts';
import { query } from './statement.ts';
import type { Operation, Row } from './statement.ts';

/** One guarded update decides: the amount fits and the request id is new, or nothing changes. */
export function* hold(wish: NewHold & { readonly epochId: string }): Operation<HoldAnswer> {
  const [reserved] = yield* query(
    `UPDATE accounts SET pending = pending + $2
     WHERE id = $1
       AND (spending_limit = 'none' OR credits + overdraft - debits - pending >= $2)
       AND NOT EXISTS (SELECT 1 FROM holds WHERE request_id = $3)
     RETURNING ${accountColumns}`,
    wish.accountId,
    wish.amount,
    wish.requestId,
  );
  if (reserved === undefined) return yield* whyNotHeld(wish);
  yield* query(
    `INSERT INTO holds (request_id, account_id, amount, state, epoch_id, created_at, expires_at)
     VALUES ($1, $2, $3, 'open', $4, $5, $6)`,
    wish.requestId,
    wish.accountId,
    wish.amount,
    wish.epochId,
    BigInt(wish.createdAt),
    BigInt(wish.expiresAt),
  );
  return { kind: 'held', account: readAccount(reserved) };
}

function* whyNotHeld(wish: NewHold): Operation<HoldAnswer> {
  const before = yield* findHold(wish);
  if (before !== undefined) {
    const same = before.state === 'open' && before.accountId === wish.accountId && before.amount === wish.amount;
    return same ? { kind: 'replayed', account: yield* accountOf(wish.accountId) } : { kind: 'taken', hold: before };
  }
  const account = yield* findAccount(wish);
  return account === undefined ? { kind: 'no-account' } : { kind: 'short', account };
}

export function* settle(settlement: NewSettlement): Operation<SettleAnswer> {
  const [posted] = yield* query(
    `UPDATE holds SET state = 'posted', charged = CASE WHEN amount < $2 THEN amount ELSE $2 END, ended_at = $3
     WHERE request_id = $1 AND state = 'open'
     RETURNING account_id, amount, charged`,
    settlement.requestId,
    settlement.cost,
    BigInt(settlement.at),
  );
  if (posted === undefined) return yield* settleExpired(settlement);
  const held = bigintColumn(posted, 'amount');
  const charged = bigintColumn(posted, 'charged');
  const [paid] = yield* query(
    `UPDATE accounts SET pending = pending - $2, debits = debits + $3 WHERE id = $1 RETURNING ${accountColumns}`,
    textColumn(posted, 'account_id'),
    held,
    charged,
  );
  const account = accountIn(paid);
  yield* record(settlement, account.id, charged, 'usage');
  return { kind: 'posted', charged, held, account };
}

/** The amount of an expired hold was free for others meanwhile, so what is charged is what still fits. */
function* settleExpired(settlement: NewSettlement): Operation<SettleAnswer> {
  const [late] = yield* query(
    `UPDATE holds SET state = 'posted', ended_at = $2 WHERE request_id = $1 AND state = 'expired' RETURNING account_id, amount`,
    settlement.requestId,
    BigInt(settlement.at),
  );
  if (late === undefined) return yield* endedBefore(settlement);
  const held = bigintColumn(late, 'amount');
  // An update that changes nothing takes the row's lock on every database, so that what is read here is still true below.
  const [locked] = yield* query(
    `UPDATE accounts SET pending = pending WHERE id = $1 RETURNING ${accountColumns}`,
    textColumn(late, 'account_id'),
  );
  const charged = payable(accountIn(locked), settlement.cost < held ? settlement.cost : held);
  const [paid] = yield* query(
    `UPDATE accounts SET debits = debits + $2 WHERE id = $1 RETURNING ${accountColumns}`,
    textColumn(late, 'account_id'),
    charged,
  );
  yield* query('UPDATE holds SET charged = $2 WHERE request_id = $1', settlement.requestId, charged);
  const account = accountIn(paid);
  yield* record(settlement, account.id, charged, 'late');
  return { kind: 'late', charged, held, account };
}

function* record(settlement: NewSettlement, accountId: string, charged: bigint, kind: EntryKind): Operation<void> {
  // A free request moves nothing; its usage is recorded all the same.
  if (charged > 0n) yield* postEntry({ accountId, kind, amount: -charged, ref: settlement.requestId, at: settlement.at });
  const { requestId, outcome, bill, usage, at, call } = settlement;
  const facts = call === undefined ? {} : { call };
  yield* insertRecord({ requestId, accountId, outcome, charged, at, bill, usage, ...facts });
}

export function* voidHold(end: NewVoid): Operation<VoidAnswer> {
  const [released] = yield* query(
    `UPDATE holds SET state = 'void', ended_at = $2 WHERE request_id = $1 AND state = 'open' RETURNING account_id, amount`,
    end.requestId,
    BigInt(end.at),
  );
  if (released === undefined) return yield* endedBefore(end);
  const [freed] = yield* query(
    `UPDATE accounts SET pending = pending - $2 WHERE id = $1 RETURNING ${accountColumns}`,
    textColumn(released, 'account_id'),
    bigintColumn(released, 'amount'),
  );
  const account = accountIn(freed);
  const { requestId, at, record: told } = end;
  if (told !== undefined) yield* insertRecord({ requestId, accountId: account.id, charged: 0n, at, ...told });
  return { kind: 'voided', account };
}

function* endedBefore(end: HoldEnd): Operation<EndedBefore> {
  const before = yield* findHold(end);
  if (before === undefined) return { kind: 'no-hold' };
  if (before.state === 'open') throw new Error(`The hold of ${end.requestId} is open, yet its end was refused.`);
  return { kind: 'ended', state: before.state, account: yield* accountOf(before.accountId) };
}

export function* expireHolds(input: { readonly at: number }): Operation<readonly string[]> {
  const expired = yield* query(
    `UPDATE holds SET state = 'expired', ended_at = $1 WHERE state = 'open' AND expires_at <= $1
     RETURNING request_id, account_id, amount`,
    BigInt(input.at),
  );
  return yield* releaseAll(expired);
}

/**
 * Begins the life of a process on a database that it owns alone: every other process is dead, so its holds are released before
 * anything else happens. What was produced for them and not settled is forgiven.
 */
export function* beginEpoch(epoch: Epoch): Operation<readonly string[]> {
  yield* query(
    'INSERT INTO epochs (id, process_id, host, started_at) VALUES ($1, $2, $3, $4)',
    epoch.id,
    BigInt(epoch.processId),
    epoch.host,
    BigInt(epoch.startedAt),
  );
  const orphaned = yield* query(
    `UPDATE holds SET state = 'expired', ended_at = $2 WHERE state = 'open' AND epoch_id <> $1
     RETURNING request_id, account_id, amount`,
    epoch.id,
    BigInt(epoch.startedAt),
  );
  return yield* releaseAll(orphaned);
}

export interface Epoch {
  readonly id: string;
  readonly processId: number;
  readonly host: string;
  /** Unix milliseconds. */
  readonly startedAt: number;
}

function* releaseAll(holds: readonly Row[]): Operation<readonly string[]> {
  const released = new Map<string, bigint>();
  for (const row of holds) {
    const accountId = textColumn(row, 'account_id');
    released.set(accountId, (released.get(accountId) ?? 0n) + bigintColumn(row, 'amount'));
  }
  for (const [accountId, amount] of released) {
    yield* query('UPDATE accounts SET pending = pending - $2 WHERE id = $1', accountId, amount);
  }
  return holds.map((row) => textColumn(row, 'request_id')).toSorted();
}

export function* findHold(input: { readonly requestId: string }): Operation<StoredHold | undefined> {
  const [row] = yield* query(`SELECT ${holdColumns} FROM holds WHERE request_id = $1`, input.requestId);
  return row === undefined ? undefined : readHold(row);
}

function accountIn(row: Row | undefined): Account {
  if (row === undefined) throw new Error('A hold points to an account that is gone.');
  return readAccount(row);
}
