import type { JsonObject } from '../../model/json.ts';
import type { Carry } from '../../model/protocol.ts';

/** Unknown fields of an object and of the objects inside it, as one carry. */
export function carryOf(
  outer: JsonObject | undefined,
  inner: Readonly<Record<string, JsonObject | undefined>> = {},
): { readonly carry?: Carry } {
  const within = Object.entries(inner).flatMap(([key, fields]): [string, JsonObject][] =>
    fields === undefined ? [] : [[key, fields]],
  );
  if (outer === undefined && within.length === 0) return {};
  return { carry: { protocol: 'ai-gateway', fields: { ...outer, ...Object.fromEntries(within) } } };
}
