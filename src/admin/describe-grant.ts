import type { Grant } from '../ledger/grant.ts';
import type { JsonObject } from '../model/json.ts';
import { amountFields } from './amount-fields.ts';
import { timeText } from './time-text.ts';

/** `used` is of the running period; of tokens, `left` are those that no open hold counts on. */
export function describeGrant(grant: Grant): JsonObject {
  const { ref, accountId, gift, expiresAt, renewEveryMs, open, note, createdAt } = grant;
  return {
    ref,
    account: accountId,
    unit: gift.unit,
    ...sizes(grant),
    expires_at: timeText(expiresAt),
    renew_every_ms: renewEveryMs ?? null,
    open,
    note: note ?? null,
    created_at: timeText(createdAt),
  };
}

function sizes({ gift, used, pending }: Grant): JsonObject {
  switch (gift.unit) {
    case 'usd':
      return { ...amountFields('amount', gift.amount), ...amountFields('used', used) };
    case 'tokens':
      return {
        tokens: gift.count,
        tokens_used: Number(used),
        tokens_left: gift.count - Number(used + pending),
        models: gift.models ?? null,
      };
  }
}
