import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { sumsOfRecords } from '../../../src/store/sql/sums-of-records.ts';

export interface History {
  readonly records: number;
  /** Accounts that one half of the records is spread over, that of the copied request among them. */
  readonly accounts: number;
  /** The account that has the other half. */
  readonly busyAccountId: string;
  /** Unix milliseconds of the newest record; the others lie in the day before it. */
  readonly until: number;
}

/** Records that one transaction writes. */
const together = 100_000;
const dayMs = 86_400_000;

const columnRows = z.array(z.object({ name: z.string() }));
const recordCount = z.object({ records: z.number() });
const templateRow = z.object({ request_id: z.string(), account_id: z.string() });

/**
 * Fills a data file that no server has open with a day of requests, as copies of one that was really made: whatever a record holds, each
 * of them holds. Sums of the accounts are raised with them, so that the books still agree, and sums of usage are those of all records. Gives
 * how many records the account of the copied request has then, and the busy one. Throws where there is no request to copy.
 */
export function writeHistory(dataFile: string, history: History): { readonly ofAccount: number; readonly ofBusyAccount: number } {
  const { records, accounts } = history;
  const database = new DatabaseSync(dataFile);
  try {
    // It is thrown away afterwards; nobody waits for the disk.
    database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -262144;');
    const sql = `SELECT request_id, account_id FROM request_records WHERE outcome = 'complete' LIMIT 1`;
    const template = templateRow.parse(database.prepare(sql).get());
    openAccounts(database, template.account_id, accounts);
    for (let from = 0; from < records; from += together) {
      const part = { ...history, from, count: Math.min(together, records - from), template };
      database.exec('BEGIN');
      for (const statement of copies(database, part)) database.exec(statement);
      database.exec('COMMIT');
    }
    raiseSums(database);
    database.exec('PRAGMA journal_mode = WAL;');
    const count = database.prepare('SELECT COUNT(*) AS records FROM request_records WHERE account_id = ?');
    const recordsOf = (account: string): number => recordCount.parse(count.get(account)).records;
    return { ofAccount: recordsOf(template.account_id), ofBusyAccount: recordsOf(history.busyAccountId) };
  } finally {
    database.close();
  }
}

interface Part extends History {
  readonly from: number;
  readonly count: number;
  readonly template: z.infer<typeof templateRow>;
}

/** One statement a table. Ids grow with time, as those of real requests do. */
function copies(database: DatabaseSync, part: Part): readonly string[] {
  const { from, count, records, accounts, busyAccountId, until, template } = part;
  const at = `${until - dayMs} + CAST(n AS REAL) * ${dayMs} / ${records}`;
  const endedAt = `CAST(${at} AS INTEGER)`;
  const id = `'req_history' || printf('%012d', n)`;
  // Every second one is of the busy account, and the others go around.
  const whose = (busy: string, own: string): string =>
    `CASE WHEN n % 2 = 1 THEN ${busy} WHEN n / 2 % ${accounts} = 0 THEN ${own} ELSE 'history-' || (n / 2 % ${accounts}) END`;
  const account = whose(`'${busyAccountId}'`, 'account_id');
  const key = whose(`(SELECT id FROM api_keys WHERE account_id = '${busyAccountId}')`, 'key_id');
  const shared = { request_id: id, account_id: account };
  const series = `(WITH RECURSIVE series (n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM series WHERE n + 1 < ${from + count}) SELECT n FROM series)`;
  const copy = (table: string, idColumn: string, changed: Readonly<Record<string, string>>): string => {
    const columns = columnRows.parse(database.prepare(`PRAGMA table_info(${table})`).all()).map(({ name }) => name);
    const values = columns.map((name) => changed[name] ?? name);
    return `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM ${series} CROSS JOIN (SELECT * FROM ${table} WHERE ${idColumn} = '${template.request_id}' LIMIT 1)`;
  };
  return [
    copy('holds', 'request_id', { ...shared, created_at: endedAt, expires_at: endedAt, ended_at: endedAt }),
    copy('entries', 'ref', { seq: 'NULL', account_id: account, ref: id, posted_at: endedAt }),
    copy('request_records', 'request_id', {
      ...shared,
      key_id: key,
      answer_id: `'gen_history' || n`,
      created_at: endedAt,
      ended_at: endedAt,
    }),
  ];
}

function openAccounts(database: DatabaseSync, like: string, accounts: number): void {
  const columns = columnRows.parse(database.prepare('PRAGMA table_info(accounts)').all()).map(({ name }) => name);
  const values = columns.map((name) => ({ id: `'history-' || n`, debits: '0', pending: '0' })[name] ?? name);
  database.exec(
    `INSERT INTO accounts (${columns.join(', ')}) WITH RECURSIVE series (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n + 1 < ${accounts}) SELECT ${values.join(', ')} FROM series CROSS JOIN (SELECT * FROM accounts WHERE id = '${like}')`,
  );
}

function raiseSums(database: DatabaseSync): void {
  database.exec(`DELETE FROM usage_sums; DELETE FROM tool_sums; ${sumsOfRecords}
    UPDATE accounts SET debits = (
      SELECT COALESCE(SUM(charged), 0) FROM usage_sums WHERE account_id = accounts.id AND unit = 'day'
    )`);
}
