import { z } from 'zod';
import { readQuery } from '../http/read-query.ts';
import { sendJson } from '../http/reply.ts';
import type { LedgerAdmin } from '../ledger/ledger-admin.ts';
import type { LedgerRecords } from '../ledger/ledger-records.ts';
import type { Clock } from '../model/ports.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { JsonObject } from '../model/json.ts';
import type { AdminRoute } from './admin-route.ts';
import { describeAccount, describeInContext } from './describe-account.ts';
import { pageOf, pageParameters, readPage } from './page.ts';
import { oneOf, readFields, text, usd } from './read-fields.ts';

export interface AccountDeps {
  readonly ledger: LedgerAdmin & LedgerRecords;
  readonly clock: Pick<Clock, 'now'>;
}

const budget = z.strictObject(
  { amount_usd: usd, period: oneOf(['day', 'week', 'month', 'total']) },
  { error: 'must be an object, such as {"amount_usd": "100", "period": "month"}' },
);

const newAccount = z.strictObject({
  id: text(200),
  limit: oneOf(['none', 'prepaid']).optional(),
  parent: text(200).optional(),
  overdraft_usd: usd.optional(),
  budget: budget.optional(),
  low_balance_usd: usd.optional(),
});

const accountChange = z.strictObject({
  overdraft_usd: usd.optional(),
  budget: budget.optional(),
  low_balance_usd: usd.nullable().optional(),
});

/** Accounts: whose credits keys spend. */
export function accountRoutes(deps: AccountDeps): readonly AdminRoute[] {
  return [listAccounts(deps), createAccount(deps), showAccount(deps), changeAccount(deps)];
}

function listAccounts({ ledger, clock }: AccountDeps): AdminRoute {
  return {
    method: 'GET',
    path: '/admin/v1/accounts',
    async answer({ incoming }) {
      const { parent, ...asked } = readQuery(incoming, [...pageParameters, 'parent']);
      const page = readPage(asked);
      const found = await ledger.accounts({
        limit: page.limit + 1,
        ...(page.after === undefined ? {} : { afterId: page.after }),
        ...(parent === undefined ? {} : { parentId: parent }),
      });
      const now = clock.now();
      const describe = (account: (typeof found)[number]): JsonObject => describeAccount(account, now);
      await sendJson(incoming, 200, pageOf(found, page, { describe, place: ({ id }) => id }));
    },
  };
}

function createAccount(deps: AccountDeps): AdminRoute {
  return {
    method: 'POST',
    path: '/admin/v1/accounts',
    async answer({ incoming }) {
      const { id, limit, parent, ...fields } = await readFields(incoming, newAccount);
      await deps.ledger.openAccount({
        id,
        // What has a budget is prepaid: the budget is what it may spend.
        limit: limit ?? (fields.budget === undefined ? 'none' : 'prepaid'),
        ...(fields.overdraft_usd === undefined ? {} : { overdraft: fields.overdraft_usd }),
        ...(parent === undefined ? {} : { parentId: parent }),
        ...(fields.budget === undefined ? {} : { budget: budgetOf(fields.budget) }),
      });
      if (fields.low_balance_usd !== undefined) await deps.ledger.changeAccount({ id, lowBalance: fields.low_balance_usd });
      await sendJson(incoming, 200, await accountInContext(id, deps));
    },
  };
}

function showAccount(deps: AccountDeps): AdminRoute {
  return {
    method: 'GET',
    path: '/admin/v1/accounts/{id}',
    async answer({ incoming, parameters: { id = '' } }) {
      readQuery(incoming, []);
      await sendJson(incoming, 200, await accountInContext(id, deps));
    },
  };
}

function changeAccount(deps: AccountDeps): AdminRoute {
  return {
    method: 'PATCH',
    path: '/admin/v1/accounts/{id}',
    async answer({ incoming, parameters: { id = '' } }) {
      const fields = await readFields(incoming, accountChange);
      if (Object.keys(fields).length === 0) {
        const known = Object.keys(accountChange.shape).join(', ');
        throw new FlashmuxError('invalid_request', `Say what is to change: ${known}.`, { param: 'body' });
      }
      await deps.ledger.changeAccount({
        id,
        ...(fields.overdraft_usd === undefined ? {} : { overdraft: fields.overdraft_usd }),
        ...(fields.budget === undefined ? {} : { budget: budgetOf(fields.budget) }),
        ...(fields.low_balance_usd === undefined ? {} : { lowBalance: fields.low_balance_usd }),
      });
      await sendJson(incoming, 200, await accountInContext(id, deps));
    },
  };
}

function budgetOf({ amount_usd: amount, period }: z.infer<typeof budget>) {
  return { amount, period };
}

/** Throws `not_found` for an unknown account. */
export async function accountInContext(id: string, { ledger, clock }: AccountDeps): Promise<JsonObject> {
  const [account, path, grants] = await Promise.all([ledger.account(id), ledger.path(id), ledger.grants(id)]);
  return describeInContext({ account, path, grants }, clock.now());
}
