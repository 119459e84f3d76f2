/** How the databases differ where a hold's path, a list in JSON, is taken apart. */
export type Sql = 'sqlite' | 'postgres';

/** One row for each account of the path of each hold. */
const takes: Readonly<Record<Sql, string>> = {
  sqlite: 'SELECT request_id, value AS account_id FROM holds, json_each(COALESCE(path_json, json_array(account_id)))',
  postgres: `SELECT request_id, each.value AS account_id
    FROM holds, json_array_elements_text(COALESCE(path_json, json_build_array(account_id)::text)::json) AS each (value)`,
};

const entriesOf = 'COALESCE(SUM(amount), 0) FROM entries WHERE account_id = accounts.id';
const charges = `entries WHERE ref = holds.request_id AND kind IN ('usage', 'late')`;
const openGrants = 'FROM grants WHERE account_id = accounts.id AND is_open = 1';
/** What free tokens paid of a charge: it is given back on every account of the path, so one of them tells it. */
const given = `(SELECT COALESCE(SUM(entries.amount), 0) FROM entries
  WHERE ref = holds.request_id AND kind = 'promo' AND entries.account_id = holds.account_id)`;

/**
 * The invariants I1 to I9 of the design, each as a query for the rows that break it: the books are right when each of these finds
 * none. (I5, the price of a usage, and I10 and I11 are about more than the tables of one store.)
 */
export function wrongBooks(sql: Sql): Readonly<Record<string, string>> {
  return { ...wrongAccounts(sql), ...wrongHolds(sql), ...wrongGrants, ...wrongSums, ...(sql === 'sqlite' ? wrongNumbers : {}) };
}

function wrongAccounts(sql: Sql): Readonly<Record<string, string>> {
  return {
    'I1, I9: credits are the sum of the entries of what came': `
      SELECT id FROM accounts WHERE credits <> (SELECT ${entriesOf} AND amount > 0)`,
    'I1, I9: debits are the sum of the entries of what went': `
      SELECT id FROM accounts WHERE debits <> (SELECT -${entriesOf} AND amount < 0)`,
    'I2: pending is the sum of the open holds': `
      WITH takes AS (${takes[sql]})
      SELECT id FROM accounts WHERE pending <> (
        SELECT COALESCE(SUM(reserved), 0) FROM holds JOIN takes ON takes.request_id = holds.request_id
        WHERE takes.account_id = accounts.id AND state = 'open')`,
    'I3: no balance is below its floor': `
      SELECT id FROM accounts
      WHERE pending < 0 OR (spending_limit = 'prepaid' AND credits + overdraft - debits - pending < 0)`,
    'I7: what all accounts have is what all transfers moved': `
      SELECT 1 AS unbalanced
      WHERE (SELECT COALESCE(SUM(credits - debits), 0) FROM accounts) <> (SELECT COALESCE(SUM(amount), 0) FROM entries)`,
    'I7: what was given back came from charges': `
      WITH takes AS (${takes[sql]}) SELECT 1 AS unbalanced
      WHERE (SELECT COALESCE(SUM(amount), 0) FROM entries WHERE kind = 'refund')
        <> (SELECT COALESCE(SUM(refunded), 0) FROM holds JOIN takes ON takes.request_id = holds.request_id)`,
  };
}

function wrongHolds(sql: Sql): Readonly<Record<string, string>> {
  return {
    'I4: each request is charged at most once': `
      SELECT ref FROM entries WHERE kind IN ('usage', 'late') GROUP BY ref, account_id HAVING COUNT(*) > 1`,
    'I4: a charge is the same on every account of its path, and on no other': `
      WITH takes AS (${takes[sql]})
      SELECT takes.request_id FROM takes JOIN holds ON holds.request_id = takes.request_id
      WHERE COALESCE(charged, 0)
        <> (SELECT COALESCE(-SUM(entries.amount), 0) FROM ${charges} AND entries.account_id = takes.account_id)
      UNION
      SELECT ref FROM entries WHERE kind IN ('usage', 'late')
        AND NOT EXISTS (SELECT 1 FROM takes WHERE takes.request_id = ref AND takes.account_id = entries.account_id)`,
    'I4: what was posted has one record that says the same, and what was not has none with a bill': `
      SELECT request_id FROM holds WHERE state = 'posted' AND 1 <> (
        SELECT COUNT(*) FROM request_records
        WHERE request_id = holds.request_id AND charged = holds.charged AND billed IS NOT NULL)
      UNION
      SELECT holds.request_id FROM holds JOIN request_records ON request_records.request_id = holds.request_id
      WHERE state <> 'posted' AND (request_records.charged <> 0 OR billed IS NOT NULL)`,
    'I4: a key has the result of a request that was charged': `
      SELECT key FROM idempotency JOIN holds ON holds.request_id = idempotency.request_id
      WHERE result IS NOT NULL AND state <> 'posted'`,
    'I6: no charge is above its hold': `
      SELECT request_id FROM holds WHERE charged > amount OR (state <> 'posted' AND charged IS NOT NULL)`,
    'I6: no more money is paid than was set aside': `
      SELECT request_id FROM holds
      WHERE lease_id IS NULL AND EXISTS (SELECT 1 FROM ${charges} AND kind = 'usage') AND charged - ${given} > reserved`,
    'I6: no more is given back than was paid': `
      SELECT request_id FROM holds WHERE refunded > COALESCE(charged, 0) - ${given}`,
    'no process that is gone holds anything': `
      SELECT request_id FROM holds JOIN epochs ON epochs.id = epoch_id
      WHERE state = 'open' AND epochs.ended_at IS NOT NULL`,
  };
}

const wrongGrants: Readonly<Record<string, string>> = {
  'a grant counts on what its open holds may use': `
    SELECT ref FROM grants WHERE used + pending > amount
      OR pending <> (SELECT COALESCE(SUM(grant_tokens), 0) FROM holds WHERE grant_ref = ref AND state = 'open')`,
  'an account knows its open grants': `
    SELECT id FROM accounts WHERE open_grants <> (SELECT COUNT(*) ${openGrants} AND unit = 'usd')
      OR open_token_grants <> (SELECT COUNT(*) ${openGrants} AND unit = 'tokens')
      OR COALESCE(grants_due_at, 0) <> (SELECT COALESCE(MIN(expires_at), 0) ${openGrants})`,
};

const units = `(SELECT 'hour' AS unit, 3600000 AS length UNION ALL SELECT 'day', 86400000) AS units`;

/** What the sums should be, counted anew. */
const countedUsage = `
  SELECT account_id, unit, ended_at - ended_at % length AS starts_at, COALESCE(key_id, '') AS key_id,
    COALESCE(answering_model, '') AS answering_model, COALESCE(provider, '') AS provider, COALESCE(used_own_key, 0) AS used_own_key,
    COUNT(*) AS requests, SUM(charged) AS charged, COALESCE(SUM(input_tokens), 0) AS input_tokens,
    COALESCE(SUM(cache_read_tokens), 0) AS cache_read_tokens, COALESCE(SUM(output_tokens), 0) AS output_tokens,
    COALESCE(SUM(reasoning_tokens), 0) AS reasoning_tokens
  FROM request_records CROSS JOIN ${units} GROUP BY 1, 2, 3, 4, 5, 6, 7`;
const countedTools = `
  SELECT account_id, unit, ended_at - ended_at % length AS starts_at, tool, COUNT(*) AS requests, SUM(calls) AS calls,
    SUM(tool_lines.billed) AS billed
  FROM request_records JOIN tool_lines ON tool_lines.request_id = request_records.request_id CROSS JOIN ${units} GROUP BY 1, 2, 3, 4`;

export const wrongSums: Readonly<Record<string, string>> = {
  'usage has no sum that its records do not come to': `SELECT * FROM usage_sums EXCEPT ${countedUsage}`,
  'all records come to a sum of usage': `${countedUsage} EXCEPT SELECT * FROM usage_sums`,
  'tools have no sum that their lines do not come to': `SELECT * FROM tool_sums EXCEPT ${countedTools}`,
  'all lines of tools come to a sum': `${countedTools} EXCEPT SELECT * FROM tool_sums`,
};

/** A rollback leaves a gap in a sequence of PostgreSQL. */
const wrongNumbers: Readonly<Record<string, string>> = {
  'I8: entries are numbered without gaps':
    'SELECT 1 AS gap FROM (SELECT COUNT(*) AS counted, COALESCE(MAX(seq), 0) AS last FROM entries) WHERE counted <> last',
};
