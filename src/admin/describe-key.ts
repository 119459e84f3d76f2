import type { KeyInfo } from '../access/key-admin.ts';
import type { Account } from '../ledger/account.ts';
import { describeBudget } from './describe-budget.ts';
import { timeText } from './time-text.ts';

export interface ShownKey {
  readonly key: KeyInfo;
  /** The account of its own, where it has a budget. */
  readonly budget?: Account;
}

/** A key with everything that limits it. Nothing in it is secret. `now` in Unix milliseconds. */
export function describeKey({ key, budget }: ShownKey, now: number) {
  return {
    id: key.id,
    name: key.name,
    account: key.accountId,
    created_at: timeText(key.createdAt),
    expires_at: timeText(key.expiresAt),
    models: key.allowedModels ?? null,
    tools: key.allowedTools ?? null,
    addresses: key.allowedAddresses ?? null,
    requests_per_minute: key.requestsPerMinute ?? null,
    tokens_per_minute: key.tokensPerMinute ?? null,
    concurrency: key.maxInFlight ?? null,
    budget: describeBudget(budget, now),
    last_used_at: timeText(key.lastUsedAt),
    previous_until: timeText(key.previousUntil),
    revoked_at: timeText(key.revokedAt),
  };
}
