import { z } from 'zod';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Incoming } from '../http/incoming.ts';
import { sendJson } from '../http/reply.ts';
import type { Gift } from '../ledger/grant.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { NanoUsd } from '../model/money.ts';
import { accountInContext, type AccountDeps } from './account-routes.ts';
import type { AdminRoute } from './admin-route.ts';
import { amountFields } from './amount-fields.ts';
import { grantModels } from './grant-models.ts';
import { count, moment, readFields, text, usd } from './read-fields.ts';
import { readRef } from './read-ref.ts';

export interface CreditDeps extends AccountDeps {
  readonly catalogue: Pick<Catalogue, 'find' | 'list'>;
}

const ref = text(255).optional();
const note = text(1_000).optional();
const topUp = z.strictObject({ amount_usd: usd, ref, note });
const adjustment = z.strictObject({ amount_usd: usd, ref, note: text(1_000) });
const refund = z.strictObject({ request: text(100), amount_usd: usd.optional(), ref, note });
const grant = z.strictObject({
  amount_usd: usd.optional(),
  tokens: count(1e15).optional(),
  models: z.array(text(200), { error: 'must be a list of model ids' }).min(1, 'must name a model').optional(),
  expires_at: moment,
  renew_every_ms: count(Number.MAX_SAFE_INTEGER).optional(),
  ref,
  note,
});

/** Everything that moves money. Each needs a ref, and sending it again changes nothing. */
export function creditRoutes(deps: CreditDeps): readonly AdminRoute[] {
  return [topUpRoute(deps), adjustRoute(deps), grantRoute(deps), refundRoute(deps)];
}

function topUpRoute(deps: CreditDeps): AdminRoute {
  return {
    method: 'POST',
    path: '/admin/v1/accounts/{id}/topups',
    async answer({ incoming, parameters: { id = '' } }) {
      const fields = await readFields(incoming, topUp);
      const named = readRef(incoming, fields.ref);
      await deps.ledger.topUp(id, fields.amount_usd, named, fields.note);
      await sendMoved(incoming, { ref: named, accountId: id, amount: fields.amount_usd }, deps);
    },
  };
}

function adjustRoute(deps: CreditDeps): AdminRoute {
  return {
    method: 'POST',
    path: '/admin/v1/accounts/{id}/adjustments',
    async answer({ incoming, parameters: { id = '' } }) {
      const fields = await readFields(incoming, adjustment);
      const named = readRef(incoming, fields.ref);
      await deps.ledger.adjust(id, fields.amount_usd, named, fields.note);
      await sendMoved(incoming, { ref: named, accountId: id, amount: fields.amount_usd }, deps);
    },
  };
}

function grantRoute(deps: CreditDeps): AdminRoute {
  return {
    method: 'POST',
    path: '/admin/v1/accounts/{id}/grants',
    async answer({ incoming, parameters: { id = '' } }) {
      const fields = await readFields(incoming, grant);
      const named = readRef(incoming, fields.ref);
      await deps.ledger.grant({
        ref: named,
        accountId: id,
        gift: giftOf(fields, deps),
        expiresAt: fields.expires_at,
        ...(fields.renew_every_ms === undefined ? {} : { renewEveryMs: fields.renew_every_ms }),
        ...(fields.note === undefined ? {} : { note: fields.note }),
      });
      await sendJson(incoming, 200, { ref: named, account: await accountInContext(id, deps) });
    },
  };
}

/** Exactly one kind of gift; models only for tokens, because dollars are good for every model. */
function giftOf({ amount_usd: amount, tokens, models }: z.infer<typeof grant>, { catalogue }: CreditDeps): Gift {
  if ((amount === undefined) === (tokens === undefined)) {
    throw wrong('amount_usd', 'A grant is of dollars ("amount_usd") or of tokens ("tokens"): send one of them.');
  }
  if (tokens === undefined) {
    if (models !== undefined) throw wrong('models', '"models" is for grants of "tokens"; dollars are good for every model.');
    return { unit: 'usd', amount: amount ?? 0n };
  }
  if (models === undefined) return { unit: 'tokens', count: tokens };
  return { unit: 'tokens', count: tokens, models: grantModels(models, catalogue) };
}

function refundRoute(deps: CreditDeps): AdminRoute {
  return {
    method: 'POST',
    path: '/admin/v1/refunds',
    async answer({ incoming }) {
      const fields = await readFields(incoming, refund);
      const named = readRef(incoming, fields.ref);
      const requestId = fields.request;
      const amount = await deps.ledger.refund({
        requestId,
        ref: named,
        ...(fields.amount_usd === undefined ? {} : { amount: fields.amount_usd }),
        ...(fields.note === undefined ? {} : { note: fields.note }),
      });
      const record = await deps.ledger.requestRecord(requestId);
      await sendJson(incoming, 200, {
        ref: named,
        request: requestId,
        account: record?.accountId ?? null,
        ...amountFields('amount', amount),
      });
    },
  };
}

interface Movement {
  readonly ref: string;
  readonly accountId: string;
  readonly amount: NanoUsd;
}

async function sendMoved(incoming: Incoming, { ref: named, accountId, amount }: Movement, deps: CreditDeps): Promise<void> {
  const account = await accountInContext(accountId, deps);
  await sendJson(incoming, 200, { ref: named, ...amountFields('amount', amount), account });
}

function wrong(param: string, message: string): FlashmuxError {
  return new FlashmuxError('invalid_request', message, { param });
}
