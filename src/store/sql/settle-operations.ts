import type { Account } from '../../ledger/account.ts';
import { payable } from '../../ledger/balance.ts';
import type { EntryKind } from '../../ledger/entry.ts';
import type { NewSettlement, SettleAnswer } from '../../ledger/ledger-store.ts';
import type { RequestRecord } from '../../ledger/request-record.ts';
import { lockAccount, postEntry } from './account-operations.ts';
import { releaseTokens, spendGrants } from './grant-operations.ts';
import { endedBefore } from './hold-operations.ts';
import { keepResult } from './idempotency-operations.ts';
import { pathOf } from './ledger-rows.ts';
import { moveOn } from './path-operations.ts';
import { insertRecord } from './record-operations.ts';
import { bigintColumn, textColumn } from './row.ts';
import { query } from './statement.ts';
import type { Operation, Row } from './statement.ts';

export function* settle(settlement: NewSettlement): Operation<SettleAnswer> {
  const covered = settlement.tokens?.amount ?? 0n;
  // Never more than was set aside and what free tokens pay for; without free tokens that is the amount of the hold.
  const [posted] = yield* query(
    `UPDATE holds SET state = 'posted', ended_at = $3, charged = CASE
       WHEN grant_ref IS NOT NULL AND reserved + $4 < $2 AND reserved + $4 < amount THEN reserved + $4
       WHEN amount < $2 THEN amount ELSE $2 END
     WHERE request_id = $1 AND state = 'open'
     RETURNING account_id, path_json, amount, reserved, charged, grant_ref, grant_tokens`,
    settlement.requestId,
    settlement.cost,
    BigInt(settlement.at),
    covered,
  );
  if (posted === undefined) return yield* settleExpired(settlement);
  const charged = bigintColumn(posted, 'charged');
  const given = yield* endCover(posted, settlement, charged);
  const moved = yield* moveOn(pathOf(posted), {
    released: bigintColumn(posted, 'reserved'),
    debited: charged,
    credited: given,
  });
  const accountId = textColumn(posted, 'account_id');
  const path = yield* post(settlement, { path: moved, accountId, charged, given, kind: 'usage' });
  return { kind: 'posted', charged, held: bigintColumn(posted, 'amount'), path };
}

/** What the free tokens of the hold pay for; the rest of them is free again. */
function* endCover(hold: Row, { tokens }: NewSettlement, charged: bigint): Operation<bigint> {
  if (hold['grant_ref'] === null) return 0n;
  const held = bigintColumn(hold, 'grant_tokens');
  const used = BigInt(tokens?.count ?? 0);
  yield* releaseTokens(textColumn(hold, 'grant_ref'), held, used < held ? used : held);
  const covered = tokens?.amount ?? 0n;
  return covered < charged ? covered : charged;
}

/** The amount of an expired hold was free for others meanwhile, so what is charged is what still fits. */
function* settleExpired(settlement: NewSettlement): Operation<SettleAnswer> {
  const [late] = yield* query(
    `UPDATE holds SET state = 'posted', ended_at = $2 WHERE request_id = $1 AND state = 'expired'
     RETURNING account_id, path_json, amount`,
    settlement.requestId,
    BigInt(settlement.at),
  );
  if (late === undefined) return yield* endedBefore(settlement);
  const held = bigintColumn(late, 'amount');
  const { charged, path } = yield* chargeLate(pathOf(late), settlement.cost < held ? settlement.cost : held);
  yield* query('UPDATE holds SET charged = $2 WHERE request_id = $1', settlement.requestId, charged);
  const accountId = textColumn(late, 'account_id');
  return {
    kind: 'late',
    charged,
    held,
    path: yield* post(settlement, { path, accountId, charged, given: 0n, kind: 'late' }),
  };
}

/** Charges what nothing was set aside for, as far as the accounts can pay it. */
export function* chargeLate(
  ids: readonly string[],
  cost: bigint,
): Operation<{ readonly charged: bigint; readonly path: readonly Account[] }> {
  const locked: Account[] = [];
  for (const id of ids) locked.push(yield* lockAccount(id));
  const charged = payable(locked, cost);
  return { charged, path: yield* moveOn(ids, { released: 0n, debited: charged, credited: 0n }) };
}

export interface Posting {
  /** As the transfer left it. */
  readonly path: readonly Account[];
  readonly accountId: string;
  readonly charged: bigint;
  /** Of the charge, given back at once because free tokens covered it. */
  readonly given: bigint;
  readonly kind: Extract<EntryKind, 'usage' | 'late'>;
  /** As `insertRecord` has it. */
  readonly recorded?: RequestRecord[];
}

/** Entries, record, and what else a charge leaves behind. Gives the path as it is afterwards. */
export function* post(settlement: NewSettlement, posting: Posting): Operation<readonly Account[]> {
  const { path, accountId, charged, given, kind, recorded } = posting;
  const { requestId, outcome, bill, usage, at, call } = settlement;
  const after: Account[] = [];
  for (const account of path) {
    // A free request moves nothing; its usage is recorded all the same.
    if (charged > 0n) yield* postEntry({ accountId: account.id, kind, amount: -charged, ref: requestId, at });
    if (given > 0n) yield* postEntry({ accountId: account.id, kind: 'promo', amount: given, ref: requestId, at });
    after.push(yield* spendGrants(account, charged - given));
  }
  yield* keepResult(requestId, settlement.result);
  const facts = call === undefined ? {} : { call };
  yield* insertRecord({ requestId, accountId, outcome, charged, at, bill, usage, ...facts }, recorded);
  return after;
}
