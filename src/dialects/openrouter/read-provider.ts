import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { MaxPrice, Percentiles, RoutingPreferences, RoutingSort } from '../../model/routing-preferences.ts';
import { unknownFields } from '../../protocols/wire/carried.ts';
import {
  at,
  oneOf,
  optionalArray,
  optionalBoolean,
  optionalChoice,
  optionalNumber,
  optionalObject,
  refuse,
  requireObject,
} from '../../protocols/wire/fields.ts';
import { said } from '../../protocols/wire/said.ts';

export interface ReadProvider {
  /** Undefined where nothing was wished. */
  readonly preferences: Omit<RoutingPreferences, 'saidAt' | 'models'> | undefined;
  /** Fields without a word in the model. */
  readonly unknown: JsonObject | undefined;
}

const known = new Set([
  'order',
  'only',
  'ignore',
  'allow_fallbacks',
  'require_parameters',
  'data_collection',
  'zdr',
  'enforce_distillable_text',
  'quantizations',
  'sort',
  'max_price',
  'preferred_max_latency',
  'preferred_min_throughput',
]);
const sorts: readonly RoutingSort[] = ['price', 'throughput', 'latency', 'exacto'];
const path = 'provider';

/** OpenRouter's `provider` object. */
export function readProvider(value: Json | undefined): ReadProvider {
  const provider = value === undefined || value === null ? {} : requireObject(value, path);
  const preferences = said({
    order: readNames(provider, 'order'),
    only: readNames(provider, 'only'),
    ignore: readNames(provider, 'ignore'),
    sort: readSort(provider),
    allowFallbacks: optionalBoolean(provider, 'allow_fallbacks', path),
    requireParameters: optionalBoolean(provider, 'require_parameters', path),
    dataCollection: optionalChoice(provider, 'data_collection', path, ['allow', 'deny'] as const),
    zeroDataRetention: optionalBoolean(provider, 'zdr', path),
    enforceDistillableText: optionalBoolean(provider, 'enforce_distillable_text', path),
    quantizations: readNames(provider, 'quantizations'),
    maxPrice: readMaxPrice(provider),
    preferredMaxLatency: readPercentiles(provider, 'preferred_max_latency'),
    preferredMinThroughput: readPercentiles(provider, 'preferred_min_throughput'),
  });
  return {
    preferences: Object.keys(preferences).length === 0 ? undefined : preferences,
    unknown: unknownOf(provider),
  };
}

/** `sort.partition` has no word in the model. */
function unknownOf(provider: JsonObject): JsonObject | undefined {
  const outer = unknownFields(provider, known);
  const sort = provider['sort'];
  const inner = isJsonObject(sort) ? unknownFields(sort, new Set(['by'])) : undefined;
  return inner === undefined ? outer : { ...outer, sort: inner };
}

function readNames(provider: JsonObject, key: string): readonly string[] | undefined {
  return optionalArray(provider, key, path)?.map((name, index) => {
    if (typeof name !== 'string' || name === '') throw refuse(`${at(path, key)}[${index}]`, name, 'a name');
    return name;
  });
}

/** A word, or an object that names it as `by`. */
function readSort(provider: JsonObject): RoutingSort | undefined {
  const value = provider['sort'];
  if (isJsonObject(value)) return optionalChoice(value, 'by', at(path, 'sort'), sorts);
  return optionalChoice(provider, 'sort', path, sorts);
}

const priceKeys = ['prompt', 'completion', 'image', 'audio', 'request'] as const;

function readMaxPrice(provider: JsonObject): MaxPrice | undefined {
  const prices = optionalObject(provider, 'max_price', path);
  if (prices === undefined) return undefined;
  const inside = at(path, 'max_price');
  for (const key of Object.keys(prices)) {
    if (priceKeys.every((name) => name !== key)) throw refuse(at(inside, key.slice(0, 32)), prices[key], oneOf(priceKeys));
  }
  return Object.fromEntries(priceKeys.flatMap((key) => readPrice(prices[key], at(inside, key), key)));
}

/** The SDK sends text, other clients numbers. */
function readPrice(value: Json | undefined, place: string, key: string): readonly (readonly [string, string])[] {
  if (value === undefined || value === null) return [];
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && /^\d{1,12}(\.\d{1,12})?$/.test(text)) return [[key, text]];
  throw refuse(place, value, 'dollars from 0, such as "0.40"');
}

const percentiles = ['p50', 'p75', 'p90', 'p99'] as const;

/** A number alone is the median. */
function readPercentiles(provider: JsonObject, key: string): Percentiles | undefined {
  const value = provider[key];
  if (typeof value === 'number') return said({ p50: optionalNumber(provider, key, path, { above: 0 }) });
  const figures = optionalObject(provider, key, path);
  if (figures === undefined) return undefined;
  const told = percentiles.map((name) => [name, optionalNumber(figures, name, at(path, key), { above: 0 })] as const);
  return Object.fromEntries(told.filter(([, figure]) => figure !== undefined));
}
