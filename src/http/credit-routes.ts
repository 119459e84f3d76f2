import type { Caller } from '../access/access.ts';
import type { KeyInfo } from '../access/key-admin.ts';
import type { Account } from '../ledger/account.ts';
import { usdDecimal } from '../ledger/amount.ts';
import { availableOf } from '../ledger/balance.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { JsonObject } from '../model/json.ts';
import type { NanoUsd } from '../model/money.ts';
import type { UsageSum } from '../ledger/request-record.ts';
import { millisecondsOfDay } from '../ledger/request-record.ts';
import type { LookUpDeps } from './look-up-deps.ts';
import { readQuery } from './read-query.ts';
import { sendJson } from './reply.ts';
import type { KeyedRoute } from './route.ts';
import { usdNumber } from './usd-number.ts';

/** `GET /v1/credits` in the words of the AI SDK's gateway client, `GET /v1/key` in those of OpenRouter. */
export function creditRoutes(deps: LookUpDeps): readonly KeyedRoute[] {
  return [
    {
      method: 'GET',
      path: '/v1/credits',
      key: 'required',
      async answer({ incoming, caller }) {
        readQuery(incoming, []);
        const account = await deps.records.account(caller.accountId);
        // An account without a limit has nothing left or missing; its books say what came in less what it spent.
        const balance = availableOf(account) ?? account.credits - account.debits;
        await sendJson(incoming, 200, {
          balance: usdDecimal(balance),
          total_used: usdDecimal(account.debits),
          is_limited: account.limit !== 'none',
        });
      },
    },
    {
      method: 'GET',
      path: '/v1/key',
      key: 'required',
      async answer({ incoming, caller }) {
        readQuery(incoming, []);
        await sendJson(incoming, 200, { data: (await describeKey(caller, deps)).fields });
      },
    },
  ];
}

/** What a key has used and may still use, in OpenRouter's words. Throws `not_found` for one that was deleted meanwhile. */
export async function describeKey(
  { accountId, keyId, budgetId }: Caller,
  { records, keys, clock }: LookUpDeps,
): Promise<{ readonly key: KeyInfo; readonly fields: JsonObject }> {
  const key = await keys.find(keyId);
  if (key === undefined) throw new FlashmuxError('not_found', 'This key is gone.');
  const now = clock.now();
  const days = await records.usage({ accountId, keyId, groupBy: 'day', from: 0, until: now + 1 });
  const path = await records.path(budgetId ?? accountId);
  return { key, fields: { ...usageFields(days, now), ...limitFields(key, path.at(-1)), label: key.name, id: key.id } };
}

const resetWords = { day: 'daily', week: 'weekly', month: 'monthly', total: null } as const;

/** The key's own budget; what the account has is told by `GET /v1/credits`. */
function limitFields({ expiresAt }: KeyInfo, leaf: Account | undefined): JsonObject {
  const budget = leaf?.budget;
  const left = leaf === undefined ? null : availableOf(leaf);
  return {
    limit: budget === undefined ? null : usdNumber(budget.amount),
    limit_remaining: budget === undefined || left === null ? null : usdNumber(left),
    limit_reset: budget === undefined ? null : resetWords[budget.period],
    expires_at: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
    is_free_tier: false,
    is_management_key: false,
  };
}

/** OpenRouter counts the current day, week (from Monday) and month, all of UTC. */
function usageFields(days: readonly UsageSum[], now: number): JsonObject {
  const today = isoDate(now);
  const weekday = (new Date(now).getUTCDay() + 6) % 7;
  const monday = isoDate(now - weekday * millisecondsOfDay);
  const firstOfMonth = `${today.slice(0, 7)}-01`;
  return {
    usage: usdNumber(spentSince('', days)),
    usage_daily: usdNumber(spentSince(today, days)),
    usage_weekly: usdNumber(spentSince(monday, days)),
    usage_monthly: usdNumber(spentSince(firstOfMonth, days)),
  };
}

function spentSince(date: string, days: readonly UsageSum[]): NanoUsd {
  return days.reduce((sum, { group = '', charged }) => (group >= date ? sum + charged : sum), 0n);
}

function isoDate(unixMs: number): string {
  return new Date(unixMs).toISOString().slice(0, 10);
}
