import type { Json, JsonObject } from '../../model/json.ts';
import type { Attribution } from '../../model/request.ts';
import type { RoutingPreferences, RoutingSort } from '../../model/routing-preferences.ts';
import { optionalArray, optionalBoolean, optionalChoice, refuse } from '../wire/fields.ts';
import { readTags, readUser } from '../wire/read-attribution.ts';
import { said, wire } from '../wire/said.ts';
import type { Notices } from '../wire/notices.ts';
import { readOwnKeys, readTimeouts, writeOwnKeys, writeTimeouts } from './own-keys.ts';

/*
 * `providerOptions.gateway`: what the caller wishes about who answers, and for whom and what the call is. Its other fields (quotas, places,
 * tiers of service) have no word in the model and are carried.
 */

const path = 'providerOptions.gateway';

export const gatewayKeys: ReadonlySet<string> = new Set([
  'models',
  'order',
  'only',
  'sort',
  'zeroDataRetention',
  'disallowPromptTraining',
  'byok',
  'providerTimeouts',
  'user',
  'tags',
]);

const sorts = { cost: 'price', tps: 'throughput', ttft: 'latency' } as const satisfies Readonly<Record<string, RoutingSort>>;
const sortWords = ['cost', 'tps', 'ttft'] as const;

export function readRouting(gateway: JsonObject): RoutingPreferences | undefined {
  const sort = optionalChoice(gateway, 'sort', path, sortWords);
  const wishes = said({
    models: readNames(gateway, 'models'),
    order: readNames(gateway, 'order'),
    only: readNames(gateway, 'only'),
    sort: sort === undefined ? undefined : sorts[sort],
    zeroDataRetention: optionalBoolean(gateway, 'zeroDataRetention', path),
    noTraining: optionalBoolean(gateway, 'disallowPromptTraining', path),
    ownKeys: readOwnKeys(gateway, path),
    providerTimeoutsMs: readTimeouts(gateway, path),
  });
  return Object.keys(wishes).length === 0 ? undefined : { saidAt: path, ...wishes };
}

/** A fallback with a condition is refused as the gateway itself refuses it: conditions belong to decision models. */
function readNames(gateway: JsonObject, key: string): readonly string[] | undefined {
  return optionalArray(gateway, key, path)?.map((name, index) => {
    if (typeof name !== 'string') throw refuse(`${path}.${key}[${index}]`, name, 'a string');
    return name;
  });
}

export function writeRouting(routing: RoutingPreferences | undefined, notices: Notices): JsonObject {
  if (routing === undefined) return {};
  const { saidAt, models, order, only, sort, zeroDataRetention, noTraining, ownKeys, providerTimeoutsMs, ...others } = routing;
  const word = sortWords.find((known) => sorts[known] === sort);
  const unsaid = [...Object.keys(others), ...(sort !== undefined && word === undefined ? ['sort'] : [])];
  if (unsaid.length > 0) notices.dropped(saidAt, `The gateway protocol has no words for these wishes: ${unsaid.join(', ')}.`);
  const written: Readonly<Record<string, Json | undefined>> = {
    models,
    order,
    only,
    sort: word,
    zeroDataRetention,
    disallowPromptTraining: noTraining,
    byok: writeOwnKeys(ownKeys),
    providerTimeouts: writeTimeouts(providerTimeoutsMs),
  };
  return wire(written);
}

export function readAttribution(gateway: JsonObject): Attribution | undefined {
  const told = said({ user: readUser(gateway, 'user', path), tags: readTags(gateway, 'tags', path) });
  return Object.keys(told).length === 0 ? undefined : told;
}

export function writeAttribution({ user, tags }: Attribution = {}): JsonObject {
  return wire({ user, tags });
}
