import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

export interface History {
  readonly records: number;
  /** Accounts that the records are spread over, the asked one among them. */
  readonly accounts: number;
  /** Unix milliseconds of the newest record; the others lie in the day before it. */
  readonly until: number;
}

/** Records that one transaction writes. */
const together = 100_000;
const dayMs = 86_400_000;

const columnRows = z.array(z.object({ name: z.string() }));
const templateRow = z.object({ request_id: z.string(), account_id: z.string() });

/**
 * Fills a data file that no server has open with a day of requests, as copies of one that was really made: whatever a record holds, each
 * of them holds. Sums of the accounts are raised with them, so that the books still agree. Throws where there is no request to copy.
 */
export function writeHistory(dataFile: string, { records, accounts, until }: History): void {
  const database = new DatabaseSync(dataFile);
  try {
    // It is thrown away afterwards; nobody waits for the disk.
    database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -262144;');
    const sql = `SELECT request_id, account_id FROM request_records WHERE outcome = 'complete' LIMIT 1`;
    const template = templateRow.parse(database.prepare(sql).get());
    openAccounts(database, template.account_id, accounts);
    for (let from = 0; from < records; from += together) {
      const part = { from, count: Math.min(together, records - from), records, accounts, until, template };
      database.exec('BEGIN');
      for (const statement of copies(database, part)) database.exec(statement);
      database.exec('COMMIT');
    }
    raiseSums(database);
    database.exec('ANALYZE; PRAGMA journal_mode = WAL;');
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
function copies(database: DatabaseSync, { from, count, records, accounts, until, template }: Part): readonly string[] {
  const at = `${until - dayMs} + CAST(n AS REAL) * ${dayMs} / ${records}`;
  const endedAt = `CAST(${at} AS INTEGER)`;
  const id = `'req_history' || printf('%012d', n)`;
  const account = `CASE n % ${accounts} WHEN 0 THEN account_id ELSE 'history-' || (n % ${accounts}) END`;
  const shared = { request_id: id, account_id: account };
  const series = `(WITH RECURSIVE series (n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM series WHERE n + 1 < ${from + count}) SELECT n FROM series)`;
  const copy = (table: string, key: string, changed: Readonly<Record<string, string>>): string => {
    const columns = columnRows.parse(database.prepare(`PRAGMA table_info(${table})`).all()).map(({ name }) => name);
    const values = columns.map((name) => changed[name] ?? name);
    return `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM ${series} CROSS JOIN (SELECT * FROM ${table} WHERE ${key} = '${template.request_id}' LIMIT 1)`;
  };
  return [
    copy('holds', 'request_id', { ...shared, created_at: endedAt, expires_at: endedAt, ended_at: endedAt }),
    copy('entries', 'ref', { seq: 'NULL', account_id: account, ref: id, posted_at: endedAt }),
    copy('request_records', 'request_id', { ...shared, answer_id: `'gen_history' || n`, created_at: endedAt, ended_at: endedAt }),
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
  database.exec(
    'UPDATE accounts SET debits = (SELECT COALESCE(SUM(charged), 0) FROM request_records WHERE account_id = accounts.id)',
  );
}
