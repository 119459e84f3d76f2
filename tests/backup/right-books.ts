import { expect } from 'vitest';
import type { SqlPort } from '../../src/store/sqlite/sql-port.ts';

/** The accounts that a hold takes from: those of its path, or its own. */
const pathOfHold = `json_each(COALESCE(path_json, json_array(account_id)))`;

/** Rows that break an invariant of the ledger, asked in another way than the restore asks. */
const wrongs: Readonly<Record<string, string>> = {
  'I1: credits - debits is the sum of the entries': `
    SELECT id FROM accounts WHERE credits - debits <> (SELECT COALESCE(SUM(amount), 0) FROM entries WHERE account_id = accounts.id)`,
  'I2: pending is what the open holds have set aside': `
    SELECT id FROM accounts WHERE pending <> (
      SELECT COALESCE(SUM(reserved), 0) FROM holds, ${pathOfHold} AS step WHERE state = 'open' AND step.value = accounts.id)`,
  'I3: no balance is below its floor': `
    SELECT id FROM accounts WHERE spending_limit = 'prepaid' AND credits + overdraft - debits - pending < 0`,
  'I4: a posted request is charged once on each account of its path, and what was not posted nowhere': `
    SELECT request_id FROM holds WHERE
      (SELECT COUNT(*) FROM entries WHERE ref = request_id AND kind IN ('usage', 'late'))
        <> CASE WHEN charged > 0 THEN (SELECT COUNT(*) FROM ${pathOfHold}) ELSE 0 END
      OR EXISTS (SELECT 1 FROM entries WHERE ref = request_id AND kind IN ('usage', 'late') AND amount <> -charged)`,
  'I5: a record is charged what its lines come to, and says what its hold says': `
    SELECT request_id FROM request_records JOIN holds USING (request_id) WHERE request_records.charged <> COALESCE(holds.charged, 0)
      OR (lines_json IS NOT NULL AND billed <> (SELECT COALESCE(SUM(json_extract(value, '$.amount')), 0) FROM json_each(lines_json)))`,
  'I4: a posted hold has a record': `
    SELECT request_id FROM holds WHERE state = 'posted' AND request_id NOT IN (SELECT request_id FROM request_records)`,
  'I6: no charge is above its hold': 'SELECT request_id FROM holds WHERE charged > amount OR reserved > amount',
  'I8: entries are numbered without gaps':
    'SELECT 1 FROM (SELECT COUNT(*) AS rows, COALESCE(MAX(seq), 0) AS last FROM entries) WHERE rows <> last',
  'I9: the entries, played again, make the accounts': `
    SELECT id FROM accounts WHERE
      credits <> (SELECT COALESCE(SUM(amount), 0) FROM entries WHERE account_id = id AND amount > 0)
      OR debits <> (SELECT COALESCE(-SUM(amount), 0) FROM entries WHERE account_id = id AND amount < 0)`,
};

/** `gaps`: of PostgreSQL, whose numbers of entries have gaps where a transaction was given up. */
export function expectRightBooks(sql: SqlPort, gaps: 'no gaps' | 'gaps' = 'no gaps'): void {
  for (const [rule, text] of Object.entries(wrongs)) {
    if (gaps === 'gaps' && rule.startsWith('I8')) continue;
    expect(sql.rows({ text, values: [] }), rule).toEqual([]);
  }
}
