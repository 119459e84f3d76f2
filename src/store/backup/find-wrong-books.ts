import { bigintColumn, textColumn } from '../sql/row.ts';
import { pathOf } from '../sql/ledger-rows.ts';
import { query } from '../sql/statement.ts';
import type { Operation, Row } from '../sql/statement.ts';

/**
 * What is wrong with the books, in words; undefined where they are right. Asked of tables of the newest schema that nobody writes.
 */
export function* findWrongBooks(): Operation<string | undefined> {
  return (yield* wrongBalance()) ?? (yield* chargedTwice()) ?? (yield* wrongPending());
}

function* wrongBalance(): Operation<string | undefined> {
  const [row] = yield* query(
    `SELECT id FROM accounts
     WHERE credits - debits <> (SELECT COALESCE(SUM(amount), 0) FROM entries WHERE account_id = accounts.id) LIMIT 1`,
  );
  return row && `the entries of the account "${textColumn(row, 'id')}" do not add up to its balance`;
}

function* chargedTwice(): Operation<string | undefined> {
  const [row] = yield* query(
    `SELECT ref FROM entries WHERE kind IN ('usage', 'late') GROUP BY ref, account_id HAVING COUNT(*) > 1 LIMIT 1`,
  );
  return row && `the request "${textColumn(row, 'ref')}" was charged twice`;
}

/** Each open hold takes from every account of its path, which is a list in JSON, so these sums are made here. */
function* wrongPending(): Operation<string | undefined> {
  const ofAccounts = new Map<string, bigint>();
  const ofGrants = new Map<string, bigint>();
  for (const hold of yield* query(
    `SELECT account_id, path_json, reserved, grant_ref, grant_tokens FROM holds WHERE state = 'open'`,
  )) {
    for (const account of pathOf(hold)) add(ofAccounts, account, bigintColumn(hold, 'reserved'));
    if (hold['grant_ref'] !== null) add(ofGrants, textColumn(hold, 'grant_ref'), bigintColumn(hold, 'grant_tokens'));
  }
  const accounts = yield* query('SELECT id, pending FROM accounts WHERE pending <> 0');
  const account = otherSum(ofAccounts, accounts);
  if (account !== undefined) return `the open holds of the account "${account}" do not add up to what it has set aside`;
  const grants = yield* query('SELECT ref AS id, pending FROM grants WHERE pending <> 0');
  const grant = otherSum(ofGrants, grants);
  return grant && `the open holds on the grant "${grant}" do not add up to what it has set aside`;
}

function add(sums: Map<string, bigint>, id: string, amount: bigint): void {
  sums.set(id, (sums.get(id) ?? 0n) + amount);
}

/** Whose pending amount is not the sum; rows without one are left out. */
function otherSum(sums: ReadonlyMap<string, bigint>, rows: readonly Row[]): string | undefined {
  const rest = new Map(sums);
  for (const row of rows) {
    const id = textColumn(row, 'id');
    if (rest.get(id) !== bigintColumn(row, 'pending')) return id;
    rest.delete(id);
  }
  for (const [id, sum] of rest) if (sum !== 0n) return id;
  return undefined;
}
