import type { EntryKind } from '../../src/ledger/entry.ts';
import type { HeldTokens } from '../../src/ledger/ledger-store.ts';
import type { PlainBooks, PlainGrant, PlainHold } from './plain-books.ts';
import { periodEnd } from './plain-period.ts';
import { least } from './plain-values.ts';

/** Whoever asks for credits finds each account of the path as it is at `at`: budgets whole again, grants at their end. */
export function bringUp(books: PlainBooks, path: readonly string[], at: number): void {
  for (const id of path) {
    beginPeriod(books, id, at);
    for (const grant of books.openGrantsOf(id)) if (grant.expiresAt <= at) endGrant(books, grant, at);
  }
}

function beginPeriod(books: PlainBooks, id: string, at: number): void {
  const account = books.account(id);
  const { budget, budgetEndsAt } = account;
  if (budget === undefined || budgetEndsAt === undefined || budgetEndsAt > at) return;
  const pending = books.pending(id);
  // A budget that was lowered meanwhile still has room for what is open.
  const whole = budget.amount > pending ? budget.amount : pending;
  books.credit(id, { kind: 'reset', amount: whole - (books.credits(id) - books.debits(id)), ref: `period@${budgetEndsAt}`, at });
  account.budgetEndsAt = periodEnd(budget.period, at);
}

/** What is unspent goes, but for what open holds may still need; when nothing is left of it, its next period begins. */
function endGrant(books: PlainBooks, grant: PlainGrant, at: number): void {
  const { accountId, gift, ref, renewEveryMs } = grant;
  if (gift.unit === 'usd') {
    const rest = gift.amount - grant.used;
    const free = books.free(accountId);
    const taken = free > 0n ? least(free, rest) : 0n;
    books.credit(accountId, { kind: 'expiry', amount: -taken, ref: `${ref}#${grant.renewals}/${grant.used}`, at });
    grant.used += taken;
    if (taken < rest && books.pending(accountId) > 0n) return;
  } else if (grant.pending > 0n) {
    return;
  }
  if (renewEveryMs === undefined) {
    grant.open = false;
    return;
  }
  // Periods that nobody looked at are left out.
  grant.expiresAt = at - ((at - grant.expiresAt) % renewEveryMs) + renewEveryMs;
  grant.used = 0n;
  grant.renewals += 1;
  if (gift.unit === 'usd') books.credit(accountId, { kind: 'promo', amount: gift.amount, ref: `${ref}#${grant.renewals}`, at });
}

export interface PlainCharge {
  readonly charged: bigint;
  /** What free tokens give back of it. */
  readonly given: bigint;
  readonly kind: Extract<EntryKind, 'usage' | 'late'>;
  readonly at: number;
}

/** The same charge on every account of the path. */
export function charge(books: PlainBooks, hold: PlainHold, { charged, given, kind, at }: PlainCharge): void {
  const ref = hold.requestId;
  for (const id of hold.path) {
    books.post(id, { kind, amount: -charged, ref, at });
    books.post(id, { kind: 'promo', amount: given, ref, at });
    spendGrants(books, id, charged - given);
  }
  hold.charged = charged;
  hold.given = given;
}

/** What expires first is spent first. */
function spendGrants(books: PlainBooks, id: string, amount: bigint): void {
  let left = amount;
  for (const grant of books.openGrantsOf(id)) {
    if (grant.gift.unit !== 'usd' || left === 0n) continue;
    const used = least(left, grant.gift.amount - grant.used);
    grant.used += used;
    left -= used;
    if (used > 0n && grant.used === grant.gift.amount && grant.renewEveryMs === undefined) grant.open = false;
  }
}

/** The first grant on the way from the root that has enough tokens left for the model. */
export function coverOf(books: PlainBooks, path: readonly string[], tokens: HeldTokens, at: number): PlainGrant | undefined {
  return path
    .flatMap((id) => books.openGrantsOf(id))
    .find(({ gift, expiresAt, used, pending }) => {
      if (gift.unit !== 'tokens' || expiresAt <= at) return false;
      if (gift.models !== undefined && !gift.models.includes(tokens.model)) return false;
      return BigInt(gift.count) - used - pending >= BigInt(tokens.count);
    });
}
