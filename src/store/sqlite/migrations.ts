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
];
