import { afterAll, beforeAll, expect, test } from 'vitest';
import { openMemoryDatabase } from '../memory/memory-database.ts';
import type { SqlPort } from '../sqlite/sql-port.ts';
import { textColumn } from './row.ts';
import { toolsOfAccount, usageOfAccount, usageOfKey } from './usage-text.ts';

// Look-ups stay fast only as long as the database finds what they add up by an index, and does not look through all there is.

let sql: SqlPort;
beforeAll(() => {
  sql = openMemoryDatabase();
});
afterAll(() => sql.close());

/** How SQLite looks for the rows of each part of a query. */
function searches(text: string): readonly string[] {
  const plan = sql.rows({ text: `EXPLAIN QUERY PLAN ${text}`, values: [] });
  return plan.map((row) => textColumn(row, 'detail')).filter((step) => /_(?:sums|records|lines)\b/.test(step));
}

const ofSpan = /\(account_id=\? AND unit=\? AND starts_at>\? AND starts_at<\?\)$/;
const atItsEnds = /request_records_by_account \(account_id=\? AND ended_at>\? AND ended_at<\?\)$/;

test.each(Object.entries({ ...usageOfAccount, tool: toolsOfAccount }))(
  'an account by %s reads the sums of its span, and records at its ends',
  (_, text) => {
    const found = searches(text).filter((step) => !step.includes('tool_lines'));
    expect(found).toHaveLength(5);
    for (const step of found.slice(0, 3)) expect(step).toMatch(ofSpan);
    for (const step of found.slice(3)) expect(step).toMatch(atItsEnds);
  },
);

test.each(Object.entries(usageOfKey))('a key by %s reads its own sums, whatever other keys the account has', (_, text) => {
  const found = searches(text);
  expect(found).toHaveLength(5);
  for (const step of found.slice(0, 3)) {
    expect(step).toMatch(/usage_sums_by_key \(key_id=\? AND unit=\? AND starts_at>\? AND starts_at<\?\)$/);
  }
  for (const step of found.slice(3)) expect(step).toMatch(atItsEnds);
});
