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
];

/** A count inside a JSON column, where it is one. */
function countIn(column: string, path: string): string {
  const value = `json_extract(${column}, '${path}')`;
  return `CASE WHEN json_type(${column}, '${path}') = 'integer' AND ${value} BETWEEN 0 AND 1000000000000 THEN ${value} END`;
}
