import { z } from 'zod';
import type { KeyAdmin, KeyBudget, KeyChanges, KeyInfo, KeyWish } from '../access/key-admin.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { unknownModel } from '../catalogue/unknown-model.ts';
import { readQuery } from '../http/read-query.ts';
import { sendJson } from '../http/reply.ts';
import type { LedgerRecords } from '../ledger/ledger-records.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { JsonObject } from '../model/json.ts';
import type { Clock } from '../model/ports.ts';
import type { AdminRoute } from './admin-route.ts';
import { describeKey } from './describe-key.ts';
import { modelNames } from './model-names.ts';
import { pageOf, pageParameters, readPage, restAfter } from './page.ts';
import { moment, oneOf, readFields, text, usd } from './read-fields.ts';
import { timeText } from './time-text.ts';

export interface KeyDeps {
  readonly keys: KeyAdmin;
  readonly ledger: Pick<LedgerRecords, 'account'>;
  readonly catalogue: Pick<Catalogue, 'find' | 'list'>;
  readonly clock: Pick<Clock, 'now'>;
}

// Ranges are the business of access, which tells them; here it is only seen that each field is of its type.
const list = z.array(z.string(), { error: 'must be a list of texts' });
const whole = z.int({ error: 'must be a whole number' });
const budget = z.strictObject(
  { amount_usd: usd, period: oneOf(['day', 'week', 'month', 'total']) },
  { error: 'must be an object, such as {"amount_usd": "5", "period": "month"}' },
);
const terms = {
  expires_at: moment.nullable().optional(),
  models: list.nullable().optional(),
  tools: list.nullable().optional(),
  addresses: list.nullable().optional(),
  requests_per_minute: whole.nullable().optional(),
  tokens_per_minute: whole.nullable().optional(),
  concurrency: whole.nullable().optional(),
  budget: budget.nullable().optional(),
};
const newKey = z.strictObject({ name: text(100), account: text(200), ...terms });
const keyChange = z.strictObject({ name: text(100).optional(), ...terms });
const rotation = z.strictObject({ overlap_ms: whole.default(86_400_000) });
const nothing = z.strictObject({});

/** API keys. A secret is told once, by the call that makes it. */
export function keyRoutes(deps: KeyDeps): readonly AdminRoute[] {
  return [listKeys(deps), createKey(deps), showKey(deps), changeKey(deps), rotateKey(deps), revokeKey(deps)];
}

function listKeys(deps: KeyDeps): AdminRoute {
  return {
    method: 'GET',
    path: '/admin/v1/keys',
    async answer({ incoming }) {
      const { account, ...asked } = readQuery(incoming, [...pageParameters, 'account']);
      const page = readPage(asked);
      const all = (await deps.keys.list()).filter(({ accountId }) => account === undefined || accountId === account);
      const found = restAfter(all, page, idOf).slice(0, page.limit + 1);
      const shown = await Promise.all(found.map(async (key) => ({ id: key.id, shown: await shownKey(key, deps) })));
      await sendJson(incoming, 200, pageOf(shown, page, { describe: (key) => key.shown, place: idOf }));
    },
  };
}

function idOf({ id }: { readonly id: string }): string {
  return id;
}

function createKey(deps: KeyDeps): AdminRoute {
  return {
    method: 'POST',
    path: '/admin/v1/keys',
    async answer({ incoming }) {
      const { name, account, ...fields } = await readFields(incoming, newKey);
      refuseUnknownModels(fields.models, deps);
      const { id, secret } = await deps.keys.create({ ...withoutNulls(changesOf(fields)), name, accountId: account });
      await sendJson(incoming, 200, { ...(await shownById(id, deps)), key: secret });
    },
  };
}

function showKey(deps: KeyDeps): AdminRoute {
  return {
    method: 'GET',
    path: '/admin/v1/keys/{id}',
    async answer({ incoming, parameters: { id = '' } }) {
      readQuery(incoming, []);
      await sendJson(incoming, 200, await shownById(id, deps));
    },
  };
}

function changeKey(deps: KeyDeps): AdminRoute {
  return {
    method: 'PATCH',
    path: '/admin/v1/keys/{id}',
    async answer({ incoming, parameters: { id = '' } }) {
      const { name, ...fields } = await readFields(incoming, keyChange);
      refuseUnknownModels(fields.models, deps);
      const changes = { ...changesOf(fields), ...(name === undefined ? {} : { name }) };
      if (Object.keys(changes).length === 0) {
        const known = Object.keys(keyChange.shape).join(', ');
        throw new FlashmuxError('invalid_request', `Say what is to change: ${known}.`, { param: 'body' });
      }
      const key = await deps.keys.update(id, changes);
      if (key === undefined) throw noLiveKey(id);
      await sendJson(incoming, 200, await shownKey(key, deps));
    },
  };
}

function rotateKey({ keys }: KeyDeps): AdminRoute {
  return {
    method: 'POST',
    path: '/admin/v1/keys/{id}/rotate',
    async answer({ incoming, parameters: { id = '' } }) {
      const { overlap_ms: overlapMs } = await readFields(incoming, rotation);
      const rotated = await keys.rotate(id, overlapMs);
      if (rotated === undefined) throw noLiveKey(id);
      await sendJson(incoming, 200, { id, key: rotated.secret, previous_until: timeText(rotated.previousUntil) });
    },
  };
}

function revokeKey({ keys }: KeyDeps): AdminRoute {
  return {
    method: 'POST',
    path: '/admin/v1/keys/{id}/revoke',
    async answer({ incoming, parameters: { id = '' } }) {
      await readFields(incoming, nothing);
      if (!(await keys.revoke(id))) throw noLiveKey(id);
      await sendJson(incoming, 200, { id, revoked: true });
    },
  };
}

type Terms = z.infer<z.ZodObject<typeof terms>>;

/** In the words of access; what was not said is not there, and null takes a limit away. */
function changesOf(fields: Terms): KeyChanges {
  return {
    ...(fields.expires_at === undefined ? {} : { expiresAt: fields.expires_at }),
    ...(fields.models === undefined ? {} : { allowedModels: fields.models }),
    ...(fields.tools === undefined ? {} : { allowedTools: fields.tools }),
    ...(fields.addresses === undefined ? {} : { allowedAddresses: fields.addresses }),
    ...(fields.requests_per_minute === undefined ? {} : { requestsPerMinute: fields.requests_per_minute }),
    ...(fields.tokens_per_minute === undefined ? {} : { tokensPerMinute: fields.tokens_per_minute }),
    ...(fields.concurrency === undefined ? {} : { maxInFlight: fields.concurrency }),
    ...(fields.budget === undefined ? {} : { budget: fields.budget === null ? null : budgetOf(fields.budget) }),
  };
}

function budgetOf({ amount_usd: amountNanoUsd, period }: z.infer<typeof budget>): KeyBudget {
  return { amountNanoUsd, period };
}

/** A new key has no limit that could be taken away. */
function withoutNulls({ name: _, ...changes }: KeyChanges): Omit<KeyWish, 'name' | 'accountId'> {
  const {
    expiresAt,
    allowedModels,
    allowedTools,
    allowedAddresses,
    requestsPerMinute,
    tokensPerMinute,
    maxInFlight,
    budget: own,
  } = changes;
  return {
    ...(isSaid(expiresAt) ? { expiresAt } : {}),
    ...(isSaid(allowedModels) ? { allowedModels } : {}),
    ...(isSaid(allowedTools) ? { allowedTools } : {}),
    ...(isSaid(allowedAddresses) ? { allowedAddresses } : {}),
    ...(isSaid(requestsPerMinute) ? { requestsPerMinute } : {}),
    ...(isSaid(tokensPerMinute) ? { tokensPerMinute } : {}),
    ...(isSaid(maxInFlight) ? { maxInFlight } : {}),
    ...(isSaid(own) ? { budget: own } : {}),
  };
}

function isSaid<Value>(value: Value | null | undefined): value is Value {
  return value !== undefined && value !== null;
}

function refuseUnknownModels(models: readonly string[] | null | undefined, { catalogue }: KeyDeps): void {
  const unknown = models?.find((id) => catalogue.find(id) === undefined);
  if (unknown !== undefined) throw unknownModel(unknown, modelNames(catalogue.list()));
}

async function shownById(id: string, deps: KeyDeps): Promise<JsonObject> {
  const key = await deps.keys.find(id);
  if (key === undefined) throw new FlashmuxError('not_found', `No key "${id.slice(0, 100)}".`);
  return shownKey(key, deps);
}

async function shownKey(key: KeyInfo, { ledger, clock }: KeyDeps): Promise<JsonObject> {
  const budgetAccount = key.budgetId === undefined ? {} : { budget: await ledger.account(key.budgetId) };
  return describeKey({ key, ...budgetAccount }, clock.now());
}

function noLiveKey(id: string): FlashmuxError {
  return new FlashmuxError('not_found', `There is no live key "${id.slice(0, 100)}". GET /admin/v1/keys lists them.`);
}
