import type { Json, JsonObject } from '../../model/json.ts';

/** The same fields, each absent where it was undefined: what `exactOptionalPropertyTypes` asks for. */
export type Said<T extends object> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Leaves out what was not said. The keys must be this program's own words, never text of a caller. */
export function said<T extends object>(fields: T): Said<T>;
export function said(fields: object): object {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) kept[key] = value;
  return kept;
}

/** The same for an object that goes on the wire. */
export function wire(fields: Readonly<Record<string, Json | undefined>>): JsonObject {
  const kept: Record<string, Json> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) kept[key] = value;
  return kept;
}
