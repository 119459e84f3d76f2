import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { CacheMark } from '../../model/part.ts';
import type { Notices } from '../wire/notices.ts';

const lifetimes = [
  { ttl: '30m', seconds: 1800 },
  { ttl: '12h', seconds: 43_200 },
] as const;

/** Reads `prompt_cache_breakpoint: {mode: "explicit", ttl?}`. Undefined for any other form, which is then carried as it came. */
export function readCacheMark(value: Json | undefined): CacheMark | undefined {
  if (!isJsonObject(value) || value['mode'] !== 'explicit') return undefined;
  const { mode: _, ttl, ...rest } = value;
  if (Object.keys(rest).length > 0) return undefined;
  if (ttl === undefined || ttl === null) return {};
  const known = lifetimes.find((lifetime) => lifetime.ttl === ttl);
  return known === undefined ? undefined : { lifetimeSeconds: known.seconds };
}

/** The wire has two lifetimes (types of openai 7.55); another one becomes the next longer, and the longest where none is longer. */
export function writeCacheMark({ lifetimeSeconds }: CacheMark, path: string, notices: Notices): JsonObject {
  if (lifetimeSeconds === undefined) return { mode: 'explicit' };
  const { ttl, seconds } = lifetimes.find((lifetime) => lifetime.seconds >= lifetimeSeconds) ?? lifetimes[1];
  if (seconds !== lifetimeSeconds) {
    notices.add('clamped', path, `Responses keep a cache mark for 30m or 12h; ${lifetimeSeconds} s became ${ttl}.`);
  }
  return { mode: 'explicit', ttl };
}
