import type { Entry } from '../../ledger/entry.ts';
import type { NewRefund, RefundAnswer } from '../../ledger/ledger-store.ts';
import { accountsOf, moveCredits } from './account-operations.ts';
import { entryColumns, pathOf, readEntry } from './ledger-rows.ts';
import { bigintColumn, textColumn } from './row.ts';
import { query } from './statement.ts';
import type { Operation, Row } from './statement.ts';

/** Gives a charge back on every account that it was taken from; in all never more than was charged. */
export function* refund(wish: NewRefund): Operation<RefundAnswer> {
  const [hold] = yield* query(
    `UPDATE holds SET refunded = refunded WHERE request_id = $1 AND state = 'posted'
     RETURNING request_id, account_id, path_json, charged, refunded`,
    wish.requestId,
  );
  const path = hold === undefined ? [] : pathOf(hold);
  const [before] = yield* query(
    `SELECT ${entryColumns} FROM entries WHERE ref = $1 AND kind = 'refund' ORDER BY seq LIMIT 1`,
    wish.ref,
  );
  if (before !== undefined) {
    const entry = readEntry(before);
    const isSame = isOf(entry, wish.requestId) && (wish.amount === undefined || wish.amount === entry.amount);
    return isSame ? { kind: 'replayed', amount: entry.amount, path: yield* accountsOf(path) } : { kind: 'taken', entry };
  }
  if (hold === undefined) return { kind: 'no-charge' };
  const left = bigintColumn(hold, 'charged') - (yield* givenFor(hold)) - bigintColumn(hold, 'refunded');
  const amount = wish.amount ?? left;
  if (amount > left || amount === 0n) return { kind: 'too-much', left };
  yield* query('UPDATE holds SET refunded = refunded + $2 WHERE request_id = $1', wish.requestId, amount);
  const note = wish.note === undefined ? nameOf(wish.requestId) : `${nameOf(wish.requestId)}: ${wish.note}`;
  for (const id of path) yield* moveCredits(id, amount, { kind: 'refund', ref: wish.ref, note, at: wish.at });
  return { kind: 'refunded', amount, path: yield* accountsOf(path) };
}

/** The part of a charge that free tokens paid: it was no money, so there is none to give back. */
function* givenFor(hold: Row): Operation<bigint> {
  const [given] = yield* query(
    `SELECT amount FROM entries WHERE ref = $1 AND kind = 'promo' AND account_id = $2`,
    textColumn(hold, 'request_id'),
    textColumn(hold, 'account_id'),
  );
  return given === undefined ? 0n : bigintColumn(given, 'amount');
}

/** The note of a refund begins with it: who reads the ledger wants to know what was given back. */
function nameOf(requestId: string): string {
  return `of ${requestId}`;
}

function isOf({ note }: Entry, requestId: string): boolean {
  return note === nameOf(requestId) || note?.startsWith(`${nameOf(requestId)}: `) === true;
}
