import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { CacheMark } from '../../model/part.ts';

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Reads `cache_control: {type: "ephemeral", ttl: "5m"}`. Undefined for any other form, which is then carried as it came. */
export function readCacheMark(value: Json | undefined): CacheMark | undefined {
  if (!isJsonObject(value) || value['type'] !== 'ephemeral') return undefined;
  const { type: _, ttl, ...rest } = value;
  if (Object.keys(rest).length > 0) return undefined;
  if (ttl === undefined || ttl === null) return {};
  const parts = typeof ttl === 'string' ? /^([1-9]\d{0,6})([smh])$/.exec(ttl) : null;
  const seconds = secondsOf[parts?.[2] ?? ''];
  return seconds === undefined ? undefined : { lifetimeSeconds: Number(parts?.[1]) * seconds };
}

export function writeCacheMark(mark: CacheMark): JsonObject {
  const seconds = mark.lifetimeSeconds;
  return seconds === undefined ? { type: 'ephemeral' } : { type: 'ephemeral', ttl: duration(seconds) };
}

function duration(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}
