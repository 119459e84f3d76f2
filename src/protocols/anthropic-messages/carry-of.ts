import type { JsonObject } from '../../model/json.ts';
import type { Carry } from '../../model/protocol.ts';

/** Unknown fields of an object and of objects inside it, as one carry of this protocol: `{ extra, source: { extra } }`. */
export function carryOf(
  outer: JsonObject | undefined,
  inner: Readonly<Record<string, JsonObject | undefined>> = {},
): { readonly carry?: Carry } {
  let fields = outer;
  for (const [key, unknown] of Object.entries(inner)) {
    if (unknown !== undefined) fields = { ...fields, [key]: unknown };
  }
  return fields === undefined ? {} : { carry: { protocol: 'anthropic-messages', fields } };
}
