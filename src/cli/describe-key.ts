import type { KeyInfo } from '../access/key-admin.ts';
import { describeKey as describeForAdmin } from '../admin/describe-key.ts';
import type { Account } from '../ledger/account.ts';
import { usdText } from '../ledger/amount.ts';

/** A key, the account of its budget in the ledger where it has one, and the time (Unix milliseconds) at which that is told. */
export interface ShownKey {
  readonly key: KeyInfo;
  readonly budget?: Account;
  readonly now: number;
}

/** A key as `keys ls --json` gives it, the same as the admin API; null stands for what it does not have. */
export function describeKey({ now, ...shown }: ShownKey) {
  return describeForAdmin(shown, now);
}

export const keyColumns = [
  'id',
  'name',
  'account',
  'created',
  'expires',
  'models',
  'tools',
  'addresses',
  'rpm',
  'tpm',
  'concurrency',
  'budget',
  'last used',
  'revoked',
];

/** The same for a table. */
export function keyCells(shown: ShownKey): readonly string[] {
  const { models, tools, addresses, ...row } = describeKey(shown);
  const budget = shown.budget?.budget;
  return [
    row.id,
    row.name,
    row.account,
    row.created_at,
    row.expires_at ?? '-',
    models?.join(',') ?? 'all',
    tools?.length === 0 ? 'none' : (tools?.join(',') ?? 'all'),
    addresses?.join(',') ?? 'all',
    String(row.requests_per_minute ?? '-'),
    String(row.tokens_per_minute ?? '-'),
    String(row.concurrency ?? '-'),
    budget === undefined ? '-' : `${usdText(budget.amount)}/${budget.period}`,
    row.last_used_at ?? '-',
    row.revoked_at ?? '-',
  ];
}

export function isoTime(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
