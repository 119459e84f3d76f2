import { migrate } from './migrate.ts';
import type { SqlPort } from './sql-port.ts';

/** A data file as the flashmux of one schema left it, in the middle of its work. */
export interface SchemaFixture {
  readonly schema: number;
  /** Rows for every table of that schema, with books that are right. */
  readonly rows: string;
}

/** Amounts that a double cannot hold stand among the rows, so that a column which goes through one on the way is noticed. */
const books = `
INSERT INTO epochs (id, process_id, host, started_at) VALUES ('boot_1', 7, 'laptop', 900), ('boot_2', 1, 'container', 5000);
INSERT INTO accounts (id, spending_limit, overdraft, credits, debits, pending, created_at) VALUES
  ('local', 'none', 0, 0, 9007199254740993, 40, 1),
  ('acme', 'prepaid', 0, 1000000000000000001, 915047, 3000, 2),
  ('über größe "x"', 'prepaid', 500, 10, 510, 0, 3);
INSERT INTO entries (seq, account_id, kind, amount, ref, posted_at) VALUES
  (1, 'acme', 'topup', 1000000000000000001, 'invoice-17', 1000),
  (2, 'local', 'usage', -9007199254740993, 'req_local', 1100),
  (3, 'acme', 'usage', -915000, 'req_posted', 1200),
  (4, 'über größe "x"', 'topup', 10, 'invoice-18', 1250),
  (5, 'acme', 'late', -47, 'req_late', 1300),
  (6, 'über größe "x"', 'usage', -510, 'req_last', 1400);
INSERT INTO holds (request_id, account_id, amount, state, epoch_id, created_at, expires_at, charged, ended_at) VALUES
  ('req_local', 'local', 9007199254740999, 'posted', 'boot_1', 1000, 2000, 9007199254740993, 1100),
  ('req_posted', 'acme', 1000000, 'posted', 'boot_1', 1000, 2000, 915000, 1200),
  ('req_free', 'acme', 20, 'posted', 'boot_1', 1000, 2000, 0, 1210),
  ('req_void', 'acme', 70, 'void', 'boot_1', 1000, 2000, NULL, 1220),
  ('req_late', 'acme', 50, 'posted', 'boot_1', 1000, 1290, 47, 1300),
  ('req_last', 'über größe "x"', 600, 'posted', 'boot_1', 1390, 2000, 510, 1400),
  ('req_expired', 'acme', 90, 'expired', 'boot_1', 1000, 1010, NULL, 1010),
  ('req_open', 'acme', 3000, 'open', 'boot_2', 5001, 6000, NULL, NULL),
  ('req_open_too', 'local', 40, 'open', 'boot_2', 5002, 6000, NULL, NULL);
INSERT INTO api_keys (id, name, account_id, hash, created_at, revoked_at) VALUES
  ('k', 'laptop', 'local', 'ab', 1, NULL), ('k2', 'old', 'acme', 'cd', 2, 800);
`;

const webSearch = (amount: string, quantity = 1) => ({
  meter: 'tool:web_search',
  quantity,
  rate: { usd: '0.009', per: 1 },
  amount,
});
const inputText = (amount: string) => ({ meter: 'input-text', quantity: 7, rate: { usd: '0.10', per: 1_000_000 }, amount });

/** As a host told it, with what a host that counts nonsense left behind: it is kept, and it is not summed. */
const settled = [
  {
    id: 'req_posted',
    account: 'acme',
    charged: '915000',
    at: 1200,
    usage: { input: { total: 7, cacheRead: 2 }, output: { total: 3, reasoning: 1 }, toolCalls: { web_search: 4 } },
    lines: [inputText('700'), webSearch('900000', 3), webSearch('14300')],
  },
  {
    id: 'req_free',
    account: 'acme',
    charged: '0',
    at: 1210,
    usage: { input: { total: 1e300, cacheRead: -1 }, output: { total: 1e15, reasoning: 0.5 }, toolCalls: {} },
    lines: [],
  },
  {
    id: 'req_local',
    account: 'local',
    charged: '9007199254740993',
    at: 1100,
    usage: { input: {}, output: { total: 12 }, toolCalls: {}, estimated: true },
    lines: [inputText('9007199254740993')],
  },
];

function textOf(value: unknown): string {
  return `'${JSON.stringify(value).replaceAll("'", "''")}'`;
}

const usageRecords = settled
  .map(
    ({ id, account, charged, at, usage, lines }) =>
      `INSERT INTO usage_records VALUES ('${id}', '${account}', 'complete', 'list@1', 256, ${charged}, ${charged}, ${textOf(usage)}, ${textOf(lines)}, ${at});`,
  )
  .join('\n');

const attempts = [{ provider: 'p', model: 'theirs', durationMs: 5, fault: 'upstream_failed' }];

const requestRecords = `${settled
  .map(
    ({ id, account, charged, at, usage, lines }) => `
INSERT INTO request_records (request_id, account_id, outcome, charged, ended_at, price_list_id, tier_max_input_tokens, billed, usage_json,
  lines_json, input_tokens, output_tokens, answer_id, key_id, named_model, answering_model, provider, attempts_json, streamed, created_at,
  first_token_ms, total_ms, finish_reason) VALUES ('${id}', '${account}', 'complete', ${charged}, ${at}, 'list@1', 256, ${charged},
  ${textOf(usage)}, ${textOf(lines)}, 7, 3, 'gen_${id}', 'k', 'flash', 'qwen-flash', 'p', ${textOf(attempts)}, 1, ${at - 90}, 20, 90, 'stop');`,
  )
  .join('')}
INSERT INTO request_records (request_id, account_id, outcome, charged, ended_at, answer_id, attempts_json, fault)
VALUES ('req_void', 'acme', 'failed', 0, 1220, 'gen_void', ${textOf(attempts)}, 'upstream_failed');
INSERT INTO tool_lines VALUES ('req_posted', 'web_search', 4, 914300);
`;

const keyLimits = `
INSERT INTO api_keys (id, name, account_id, hash, created_at, expires_at, allowed_models_json, requests_per_minute, max_in_flight,
  previous_hash, previous_until)
VALUES ('k3', 'ci', 'acme', 'ef', 3, 9000000000000, '["qwen-flash","qwen3.5-flash:variant1"]', 60, 4, 'aa', 8000000000000);
`;

const paths = `
UPDATE epochs SET beats = 12;
UPDATE epochs SET ended_at = 4990 WHERE id = 'boot_1';
UPDATE holds SET reserved = amount;
INSERT INTO accounts (id, spending_limit, overdraft, credits, debits, pending, created_at, parent_id, budget_amount, budget_period,
  budget_ends_at, grants_due_at, open_grants, open_token_grants, low_balance, low_balance_told_at) VALUES
  ('a-team', 'none', 0, 600, 300, 250, 10, 'customer', NULL, NULL, NULL, 86400000, 1, 1, 5, 1500),
  ('customer', 'prepaid', 0, 5000, 300, 250, 9, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL, NULL),
  ('key:k3', 'prepaid', 0, 2000, 300, 250, 11, 'a-team', 2000, 'month', 2678400000, NULL, 0, 0, NULL, NULL);
INSERT INTO entries (seq, account_id, kind, amount, ref, note, posted_at) VALUES
  (7, 'customer', 'topup', 5000, 'invoice-20', 'wire transfer', 1500),
  (8, 'key:k3', 'reset', 2000, 'opening', NULL, 1500),
  (9, 'a-team', 'promo', 600, 'welcome', 'free tier', 1500),
  (10, 'customer', 'usage', -300, 'req_path', NULL, 1600),
  (11, 'a-team', 'usage', -300, 'req_path', NULL, 1600),
  (12, 'key:k3', 'usage', -300, 'req_path', NULL, 1600);
INSERT INTO grants (ref, account_id, unit, amount, used, pending, models_json, note, created_at, expires_at, renew_every_ms, renewals, is_open)
VALUES
  ('welcome', 'a-team', 'usd', 600, 300, 0, NULL, 'free tier', 1500, 86400000, 2592000000, 2, 1),
  ('tokens', 'a-team', 'tokens', 1000000, 12, 500, '["qwen-flash"]', NULL, 1500, 96400000, NULL, 0, 1);
INSERT INTO holds (request_id, account_id, amount, reserved, refunded, path_json, grant_ref, grant_tokens, lease_id, state, epoch_id,
  created_at, expires_at, charged, ended_at) VALUES
  ('req_in_lease', 'acme', 5, 5, 0, NULL, NULL, NULL, 'req_open', 'posted', 'boot_2', 5003, 6000, 0, 5004),
  ('req_path', 'a-team', 400, 400, 20, '["customer","a-team","key:k3"]', NULL, NULL, NULL, 'posted', 'boot_2', 1550, 2000, 300, 1600),
  ('req_covered', 'a-team', 400, 250, 0, '["customer","a-team","key:k3"]', 'tokens', 500, NULL, 'open', 'boot_2', 5003, 6000, NULL, NULL);
INSERT INTO idempotency (account_id, key, fingerprint, request_id, result, created_at, expires_at) VALUES
  ('a-team', 'order 66', 'f00d', 'req_path', '{"said":"it''s done"}', 1550, 87950000),
  ('a-team', 'order 67', 'beef', 'req_covered', NULL, 5003, 91400000);
`;

const keyBudgets = `
INSERT INTO api_keys (id, name, account_id, hash, created_at, allowed_tools_json, allowed_addresses_json, tokens_per_minute,
  budget_account_id, last_used_at)
VALUES ('k4', 'agents', 'a-team', '01', 4, '["web_search"]', '["10.0.0.0/8"]', 100000, 'key:k3', 5003);
INSERT INTO rate_windows VALUES ('k4', 'boot_2', 3, 12, 34567);
`;

const sessions = `
INSERT INTO conversations VALUES ('conv_1', 'acme', '{"topic":"rain"}', 5003, 9000000000000);
INSERT INTO responses VALUES
  ('resp_1', 'acme', 'completed', NULL, 'conv_1', NULL, NULL, '{"id":"resp_1","object":"response"}', 5003, 9000000000000),
  ('resp_2', 'acme', 'in_progress', 'resp_1', NULL, 'boot_2', 'beef', '{"id":"resp_2","object":"response"}', 5004, 9000000000000);
INSERT INTO kept_items VALUES
  ('resp_1', 0, 'acme', 'input', 'msg_1', '{"type":"message","id":"msg_1","role":"user","content":[]}'),
  ('resp_1', 1, 'acme', 'output', 'msg_2', '{"type":"message","id":"msg_2","role":"assistant","content":[]}'),
  ('conv_1', 0, 'acme', 'conversation', 'msg_1', '{"type":"message","id":"msg_1","role":"user","content":[]}');
INSERT INTO response_events VALUES ('resp_2', 0, 1, '["{}","{}"]');
`;

const attribution = `
UPDATE request_records SET end_user = 'größe "x"', tags = '\u001fit''s\u001fteam:ö\u001f', used_own_key = 0 WHERE request_id = 'req_posted';
UPDATE request_records SET used_own_key = 1 WHERE request_id = 'req_free';
`;

const sums = `
INSERT INTO usage_sums SELECT account_id, unit, ended_at - ended_at % length, COALESCE(key_id, ''), COALESCE(answering_model, ''),
  COALESCE(provider, ''), COALESCE(used_own_key, 0), COUNT(*), SUM(charged), COALESCE(SUM(input_tokens), 0), 0, COALESCE(SUM(output_tokens), 0), 0
FROM request_records, (SELECT 'hour' AS unit, 3600000 AS length UNION ALL SELECT 'day', 86400000) GROUP BY 1, 2, 3, 4, 5, 6, 7;
INSERT INTO tool_sums VALUES ('acme', 'hour', 0, 'web_search', 1, 4, 914300), ('acme', 'day', 0, 'web_search', 1, 4, 914300);
`;

/** One for each schema that a data file out there may have. A new migration comes with the next. */
export const schemaFixtures: readonly SchemaFixture[] = [
  { schema: 1, rows: books + usageRecords },
  { schema: 2, rows: books + requestRecords },
  { schema: 3, rows: books + requestRecords + keyLimits },
  { schema: 4, rows: books + requestRecords + keyLimits + paths },
  { schema: 5, rows: books + requestRecords + keyLimits + paths + keyBudgets },
  { schema: 6, rows: books + requestRecords + keyLimits + paths + keyBudgets + sessions },
  { schema: 7, rows: books + requestRecords + keyLimits + paths + keyBudgets + sessions + attribution },
  { schema: 8, rows: books + requestRecords + keyLimits + paths + keyBudgets + sessions + attribution + sums },
];

/** Makes the schema by its own scripts, in an empty database, and fills it. */
export function buildFixture(sql: SqlPort, { schema, rows }: SchemaFixture): void {
  migrate(sql, 10, schema);
  // Accounts stand before the ones above them, as in any order that a database may give.
  sql.script('PRAGMA foreign_keys = OFF');
  sql.script(rows);
  sql.script('PRAGMA foreign_keys = ON');
}
