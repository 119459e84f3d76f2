import { sumsOfRecords } from '../sql/sums-of-records.ts';

/** One step of the schema. A released step is never edited; the next change is the next number. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly script: string;
}

/**
 * Amounts are nano-dollars in 64 bits. Each column is bounded by $4 billion, so that no sum in a guard can overflow: SQLite
 * would go on in floating point without a word.
 */
export const migrations: readonly Migration[] = [
  {
    number: 1,
    name: 'ledger and keys',
    script: `
CREATE TABLE epochs (
  id TEXT PRIMARY KEY,
  process_id INTEGER NOT NULL,
  host TEXT NOT NULL,
  started_at INTEGER NOT NULL
) STRICT;

CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  spending_limit TEXT NOT NULL CHECK (spending_limit IN ('none', 'prepaid')),
  overdraft INTEGER NOT NULL CHECK (overdraft BETWEEN 0 AND 4000000000000000000),
  credits INTEGER NOT NULL DEFAULT 0 CHECK (credits BETWEEN 0 AND 4000000000000000000),
  debits INTEGER NOT NULL DEFAULT 0 CHECK (debits BETWEEN 0 AND 4000000000000000000),
  pending INTEGER NOT NULL DEFAULT 0 CHECK (pending BETWEEN 0 AND 4000000000000000000),
  created_at INTEGER NOT NULL,
  CHECK (spending_limit = 'none' OR credits + overdraft - debits - pending >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE entries (
  seq INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  kind TEXT NOT NULL CHECK (kind IN ('topup', 'usage', 'late', 'refund', 'adjust', 'promo', 'expiry')),
  amount INTEGER NOT NULL CHECK (amount <> 0),
  ref TEXT NOT NULL,
  posted_at INTEGER NOT NULL,
  UNIQUE (ref, kind)
) STRICT;
CREATE INDEX entries_by_account ON entries (account_id, seq);
CREATE TRIGGER entries_are_never_edited BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are append-only: post a new one'); END;
CREATE TRIGGER entries_are_never_removed BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are append-only: post a new one'); END;

CREATE TABLE holds (
  request_id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  amount INTEGER NOT NULL CHECK (amount >= 0),
  state TEXT NOT NULL CHECK (state IN ('open', 'posted', 'void', 'expired')),
  epoch_id TEXT NOT NULL REFERENCES epochs (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  charged INTEGER CHECK (charged BETWEEN 0 AND amount),
  ended_at INTEGER,
  CHECK ((state = 'open') = (ended_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX holds_open ON holds (expires_at) WHERE state = 'open';

CREATE TABLE usage_records (
  request_id TEXT PRIMARY KEY REFERENCES holds (request_id),
  account_id TEXT NOT NULL REFERENCES accounts (id),
  outcome TEXT NOT NULL CHECK (outcome IN ('complete', 'aborted', 'failed')),
  price_list_id TEXT NOT NULL,
  tier_max_input_tokens INTEGER,
  billed INTEGER NOT NULL,
  charged INTEGER NOT NULL CHECK (charged >= 0),
  usage_json TEXT NOT NULL,
  lines_json TEXT NOT NULL,
  settled_at INTEGER NOT NULL
) STRICT;

CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;
`,
  },
  {
    number: 2,
    name: 'request records',
    // What the records of schema 1 did not keep stays null. A count that no request can have is nonsense of a host: not summed.
    script: `
CREATE TABLE request_records (
  request_id TEXT PRIMARY KEY REFERENCES holds (request_id),
  account_id TEXT NOT NULL REFERENCES accounts (id),
  outcome TEXT NOT NULL CHECK (outcome IN ('complete', 'aborted', 'failed')),
  charged INTEGER NOT NULL CHECK (charged >= 0),
  ended_at INTEGER NOT NULL,
  price_list_id TEXT,
  tier_max_input_tokens INTEGER,
  billed INTEGER,
  usage_json TEXT,
  lines_json TEXT,
  input_tokens INTEGER,
  cache_read_tokens INTEGER,
  output_tokens INTEGER,
  reasoning_tokens INTEGER,
  answer_id TEXT,
  key_id TEXT,
  named_model TEXT,
  answering_model TEXT,
  provider TEXT,
  attempts_json TEXT,
  streamed INTEGER CHECK (streamed IN (0, 1)),
  created_at INTEGER,
  first_token_ms INTEGER,
  total_ms INTEGER,
  finish_reason TEXT,
  fault TEXT,
  CHECK ((billed IS NULL) = (usage_json IS NULL) AND (billed IS NULL) = (lines_json IS NULL)),
  CHECK ((answer_id IS NULL) = (attempts_json IS NULL))
) STRICT;
CREATE INDEX request_records_by_account ON request_records (account_id, ended_at, request_id);
CREATE INDEX request_records_by_answer ON request_records (answer_id);

CREATE TABLE tool_lines (
  request_id TEXT NOT NULL REFERENCES request_records (request_id),
  tool TEXT NOT NULL,
  calls INTEGER NOT NULL,
  billed INTEGER NOT NULL,
  PRIMARY KEY (request_id, tool)
) STRICT, WITHOUT ROWID;

INSERT INTO request_records (
  request_id, account_id, outcome, charged, ended_at, price_list_id, tier_max_input_tokens, billed, usage_json, lines_json,
  input_tokens, cache_read_tokens, output_tokens, reasoning_tokens
) SELECT
  request_id, account_id, outcome, charged, settled_at, price_list_id, tier_max_input_tokens, billed, usage_json, lines_json,
  ${countIn('usage_json', '$.input.total')}, ${countIn('usage_json', '$.input.cacheRead')},
  ${countIn('usage_json', '$.output.total')}, ${countIn('usage_json', '$.output.reasoning')}
FROM usage_records;

INSERT INTO tool_lines (request_id, tool, calls, billed)
SELECT request_id, substr(json_extract(line.value, '$.meter'), 6),
  SUM(COALESCE(${countIn('line.value', '$.quantity')}, 0)), SUM(CAST(json_extract(line.value, '$.amount') AS INTEGER))
FROM usage_records, json_each(lines_json) AS line
WHERE json_extract(line.value, '$.meter') LIKE 'tool:%'
GROUP BY 1, 2;

DROP TABLE usage_records;
`,
  },
  {
    number: 3,
    name: 'limits of keys',
    // Null stands for what was not said: the key does not expire, may call every model as often as it likes, was never rotated.
    script: `
ALTER TABLE api_keys ADD COLUMN expires_at INTEGER;
ALTER TABLE api_keys ADD COLUMN allowed_models_json TEXT;
ALTER TABLE api_keys ADD COLUMN requests_per_minute INTEGER;
ALTER TABLE api_keys ADD COLUMN max_in_flight INTEGER;
ALTER TABLE api_keys ADD COLUMN previous_hash TEXT;
ALTER TABLE api_keys ADD COLUMN previous_until INTEGER CHECK ((previous_until IS NULL) = (previous_hash IS NULL));
`,
  },
  {
    number: 4,
    name: 'budgets, grants, idempotency keys, leases',
    // Entries are made anew because one request now has an entry on each account of its path, which the old UNIQUE refused.
    // A budget is a prepaid account whose credits are no money. A hold without a path takes from its own account only.
    script: `
ALTER TABLE epochs ADD COLUMN beats INTEGER NOT NULL DEFAULT 0;
ALTER TABLE epochs ADD COLUMN ended_at INTEGER;

ALTER TABLE accounts ADD COLUMN parent_id TEXT REFERENCES accounts (id);
ALTER TABLE accounts ADD COLUMN budget_amount INTEGER CHECK (budget_amount BETWEEN 0 AND 1000000000000000000);
ALTER TABLE accounts ADD COLUMN budget_period TEXT
  CHECK ((budget_period IS NULL) = (budget_amount IS NULL) AND budget_period IN ('day', 'week', 'month', 'total'));
ALTER TABLE accounts ADD COLUMN budget_ends_at INTEGER;
ALTER TABLE accounts ADD COLUMN grants_due_at INTEGER;
ALTER TABLE accounts ADD COLUMN open_grants INTEGER NOT NULL DEFAULT 0 CHECK (open_grants >= 0);
ALTER TABLE accounts ADD COLUMN open_token_grants INTEGER NOT NULL DEFAULT 0 CHECK (open_token_grants >= 0);
ALTER TABLE accounts ADD COLUMN low_balance INTEGER;
ALTER TABLE accounts ADD COLUMN low_balance_told_at INTEGER;
CREATE INDEX accounts_by_parent ON accounts (parent_id, id) WHERE parent_id IS NOT NULL;

CREATE TABLE entries_of_paths (
  seq INTEGER PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  kind TEXT NOT NULL CHECK (kind IN ('topup', 'usage', 'late', 'refund', 'adjust', 'promo', 'expiry', 'reset')),
  amount INTEGER NOT NULL CHECK (amount <> 0),
  ref TEXT NOT NULL,
  note TEXT,
  posted_at INTEGER NOT NULL,
  UNIQUE (ref, kind, account_id)
) STRICT;
INSERT INTO entries_of_paths (seq, account_id, kind, amount, ref, posted_at)
SELECT seq, account_id, kind, amount, ref, posted_at FROM entries;
DROP TABLE entries;
ALTER TABLE entries_of_paths RENAME TO entries;
CREATE INDEX entries_by_account ON entries (account_id, seq);
CREATE UNIQUE INDEX entries_of_credits ON entries (ref, kind) WHERE kind IN ('topup', 'adjust');
CREATE TRIGGER entries_are_never_edited BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are append-only: post a new one'); END;
CREATE TRIGGER entries_are_never_removed BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are append-only: post a new one'); END;

CREATE TABLE grants (
  ref TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  unit TEXT NOT NULL CHECK (unit IN ('usd', 'tokens')),
  amount INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 1000000000000000000),
  used INTEGER NOT NULL DEFAULT 0 CHECK (used >= 0),
  pending INTEGER NOT NULL DEFAULT 0 CHECK (pending >= 0),
  models_json TEXT,
  note TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  renew_every_ms INTEGER CHECK (renew_every_ms > 0),
  renewals INTEGER NOT NULL DEFAULT 0,
  is_open INTEGER NOT NULL DEFAULT 1 CHECK (is_open IN (0, 1)),
  CHECK (used + pending <= amount)
) STRICT;
CREATE INDEX grants_open ON grants (account_id, expires_at) WHERE is_open = 1;

ALTER TABLE holds ADD COLUMN path_json TEXT;
ALTER TABLE holds ADD COLUMN reserved INTEGER NOT NULL DEFAULT 0 CHECK (reserved BETWEEN 0 AND amount);
ALTER TABLE holds ADD COLUMN refunded INTEGER NOT NULL DEFAULT 0 CHECK (refunded >= 0);
ALTER TABLE holds ADD COLUMN grant_ref TEXT REFERENCES grants (ref);
ALTER TABLE holds ADD COLUMN grant_tokens INTEGER CHECK ((grant_tokens IS NULL) = (grant_ref IS NULL));
ALTER TABLE holds ADD COLUMN lease_id TEXT REFERENCES holds (request_id);
UPDATE holds SET reserved = amount;
CREATE INDEX holds_of_epoch ON holds (epoch_id) WHERE state = 'open';

CREATE TABLE idempotency (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  key TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  request_id TEXT NOT NULL UNIQUE,
  result TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (account_id, key)
) STRICT;
CREATE INDEX idempotency_by_expiry ON idempotency (expires_at);
`,
  },
  {
    number: 5,
    name: 'what keys may use and spend',
    // What each process saw of a key in the last minute is for the others that serve the same keys; a file has one server only.
    script: `
ALTER TABLE api_keys ADD COLUMN allowed_tools_json TEXT;
ALTER TABLE api_keys ADD COLUMN allowed_addresses_json TEXT;
ALTER TABLE api_keys ADD COLUMN tokens_per_minute INTEGER;
ALTER TABLE api_keys ADD COLUMN budget_account_id TEXT REFERENCES accounts (id);
ALTER TABLE api_keys ADD COLUMN last_used_at INTEGER;

CREATE TABLE rate_windows (
  key_id TEXT NOT NULL,
  replica_id TEXT NOT NULL,
  beat INTEGER NOT NULL,
  requests INTEGER NOT NULL CHECK (requests >= 0),
  tokens INTEGER NOT NULL CHECK (tokens >= 0),
  PRIMARY KEY (key_id, replica_id)
) STRICT, WITHOUT ROWID;
`,
  },
  {
    number: 6,
    name: 'kept responses and conversations',
    // An item is kept with each input that it was sent in: what it belongs to may be removed. Only responses in the background have an epoch.
    script: `
CREATE TABLE conversations (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  metadata_json TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX conversations_by_expiry ON conversations (expires_at);

CREATE TABLE responses (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  status TEXT NOT NULL
    CHECK (status IN ('queued', 'in_progress', 'completed', 'incomplete', 'failed', 'cancelled')),
  previous_id TEXT,
  conversation_id TEXT,
  epoch_id TEXT REFERENCES epochs (id),
  fingerprint TEXT,
  object_json TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX responses_by_expiry ON responses (expires_at);
CREATE INDEX responses_running ON responses (epoch_id) WHERE status IN ('queued', 'in_progress');

CREATE TABLE kept_items (
  owner_id TEXT NOT NULL,
  place INTEGER NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  part TEXT NOT NULL CHECK (part IN ('input', 'output', 'conversation')),
  item_id TEXT NOT NULL,
  item_json TEXT NOT NULL,
  PRIMARY KEY (owner_id, place)
) STRICT;
CREATE INDEX kept_items_by_id ON kept_items (account_id, item_id);

CREATE TABLE response_events (
  response_id TEXT NOT NULL REFERENCES responses (id),
  first_number INTEGER NOT NULL,
  last_number INTEGER NOT NULL,
  texts_json TEXT NOT NULL,
  PRIMARY KEY (response_id, first_number)
) STRICT;
`,
  },
  {
    number: 7,
    name: 'spend by user, tag and credential',
    // Null stands for what a call did not say, and for what was recorded before it was kept. All tags of a call stand in one text
    // (sql/tags-text.ts): sums by tag then cost what sums by model do, and a call with tags is settled with no more rows than one without.
    script: `
ALTER TABLE request_records ADD COLUMN end_user TEXT;
ALTER TABLE request_records ADD COLUMN tags TEXT;
ALTER TABLE request_records ADD COLUMN used_own_key INTEGER CHECK (used_own_key IN (0, 1));
`,
  },
  {
    number: 8,
    name: 'sums of usage by hour and day',
    // Look-ups add a few of these instead of counting records. A row is changed more often than it is made, and no change touches the index.
    script: `
CREATE TABLE usage_sums (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  unit TEXT NOT NULL CHECK (unit IN ('hour', 'day')),
  starts_at INTEGER NOT NULL,
  key_id TEXT NOT NULL,
  answering_model TEXT NOT NULL,
  provider TEXT NOT NULL,
  used_own_key INTEGER NOT NULL CHECK (used_own_key IN (0, 1)),
  requests INTEGER NOT NULL CHECK (requests > 0),
  charged INTEGER NOT NULL CHECK (charged >= 0),
  input_tokens INTEGER NOT NULL,
  cache_read_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  PRIMARY KEY (account_id, unit, starts_at, key_id, answering_model, provider, used_own_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_sums_by_key ON usage_sums (key_id, unit, starts_at);

CREATE TABLE tool_sums (
  account_id TEXT NOT NULL REFERENCES accounts (id),
  unit TEXT NOT NULL CHECK (unit IN ('hour', 'day')),
  starts_at INTEGER NOT NULL,
  tool TEXT NOT NULL,
  requests INTEGER NOT NULL CHECK (requests > 0),
  calls INTEGER NOT NULL,
  billed INTEGER NOT NULL,
  PRIMARY KEY (account_id, unit, starts_at, tool)
) STRICT, WITHOUT ROWID;
${sumsOfRecords}`,
  },
];

/** A count inside a JSON column, where it is one. */
function countIn(column: string, path: string): string {
  const value = `json_extract(${column}, '${path}')`;
  return `CASE WHEN json_type(${column}, '${path}') = 'integer' AND ${value} BETWEEN 0 AND 1000000000000 THEN ${value} END`;
}
