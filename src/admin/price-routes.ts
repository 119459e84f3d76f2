import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Catalogue, ModelEntry, PriceOffer } from '../catalogue/catalogue.ts';
import type { MarkUp } from '../catalogue/mark-up.ts';
import { describePrices } from '../http/describe-model.ts';
import { readQuery } from '../http/read-query.ts';
import { sendJson } from '../http/reply.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { JsonObject } from '../model/json.ts';
import type { PriceList } from '../model/money.ts';
import type { OperatorPrices } from './admin-deps.ts';
import type { AdminRoute } from './admin-route.ts';
import { pageOf, pageParameters, readPage, restAfter } from './page.ts';
import { readFields } from './read-fields.ts';

export interface PriceDeps {
  readonly catalogue: Catalogue;
  readonly prices: OperatorPrices;
}

/** What models cost now, and the operator's price file. */
export function priceRoutes(deps: PriceDeps): readonly AdminRoute[] {
  return [listPrices(deps), listMarkUps(deps), reloadPrices(deps)];
}

function listPrices({ catalogue }: PriceDeps): AdminRoute {
  return {
    method: 'GET',
    path: '/admin/v1/prices',
    async answer({ incoming }) {
      const { account, ...asked } = readQuery(incoming, [...pageParameters, 'account']);
      const page = readPage(asked);
      const found = restAfter(catalogue.list(), page, idOf);
      const describe = (model: ModelEntry): JsonObject => describeModelPrices(model, catalogue, account);
      await sendJson(incoming, 200, pageOf(found, page, { describe, place: idOf }));
    },
  };
}

function idOf({ id }: ModelEntry): string {
  return id;
}

function describeModelPrices(model: ModelEntry, catalogue: Catalogue, accountId: string | undefined): JsonObject {
  return {
    model: model.id,
    pricing: describeList(catalogue.priceList(model, accountId)),
    variants: model.variants.map((variant) => ({
      model: variant.id,
      pricing: describeList(catalogue.priceList(variant, accountId)),
    })),
    offers: (model.offers ?? []).map(describeOffer),
  };
}

function describeOffer({ id, seller, region, priceList }: PriceOffer): JsonObject {
  return { id, seller, region: region ?? null, pricing: describeList(priceList) };
}

function describeList(list: PriceList): JsonObject {
  const { quantum, per } = list.rounding;
  return { ...describePrices(list), rounding: { quantum_nano_usd: quantum.toString(), per } };
}

function listMarkUps({ prices }: PriceDeps): AdminRoute {
  return {
    method: 'GET',
    path: '/admin/v1/prices/mark-ups',
    async answer({ incoming }) {
      const page = readPage(readQuery(incoming, pageParameters));
      const numbered = prices.markUps().map((rule, index) => ({ rule, number: String(index + 1) }));
      const found = restAfter(numbered, page, numberOf);
      await sendJson(incoming, 200, pageOf(found, page, { describe: ({ rule }) => describeMarkUp(rule), place: numberOf }));
    },
  };
}

function numberOf({ number }: { readonly number: string }): string {
  return number;
}

function describeMarkUp({ account, model, percent }: MarkUp): JsonObject {
  return { account: account ?? null, model, percent };
}

/** Answers with what is different now, or with every mistake of the file; then nothing is. */
function reloadPrices({ catalogue, prices }: PriceDeps): AdminRoute {
  return {
    method: 'POST',
    path: '/admin/v1/prices/reload',
    async answer({ incoming }) {
      await readFields(incoming, z.strictObject({}));
      const before = { lists: listsOf(catalogue), markUps: prices.markUps() };
      const reading = prices.read();
      if (reading.kind === 'refused') {
        const { problems } = reading;
        const fault = new FlashmuxError(
          'invalid_request',
          `The price file was refused, and the prices before stay in force: ${problems.join('; ')}`,
        );
        incoming.record.fault = fault.code;
        const { dialect, requestId } = incoming;
        await sendJson(incoming, dialect.status(fault), { ...dialect.writeFault(fault, requestId), problems });
        return;
      }
      const after = { lists: listsOf(catalogue), markUps: prices.markUps() };
      await sendJson(incoming, 200, {
        changed: changesBetween(before.lists, after.lists),
        mark_ups: {
          added: missingFrom(before.markUps, after.markUps).map(describeMarkUp),
          removed: missingFrom(after.markUps, before.markUps).map(describeMarkUp),
        },
      });
    },
  };
}

/** What everybody pays, by the id of the model or variant. */
function listsOf(catalogue: Catalogue): ReadonlyMap<string, PriceList> {
  const sold = catalogue.list().flatMap((model) => [model, ...model.variants]);
  return new Map(sold.map((each) => [each.id, catalogue.priceList(each)]));
}

function changesBetween(before: ReadonlyMap<string, PriceList>, after: ReadonlyMap<string, PriceList>): readonly JsonObject[] {
  return [...after].flatMap(([model, list]) => {
    const old = before.get(model);
    if (isDeepStrictEqual(old, list)) return [];
    return [{ model, before: old === undefined ? null : describeList(old), after: describeList(list) }];
  });
}

function missingFrom(rules: readonly MarkUp[], others: readonly MarkUp[]): readonly MarkUp[] {
  return others.filter((other) => !rules.some((rule) => isDeepStrictEqual(rule, other)));
}
