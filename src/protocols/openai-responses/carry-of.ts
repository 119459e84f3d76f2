import type { Json, JsonObject } from '../../model/json.ts';
import type { Carry } from '../../model/protocol.ts';

/** Unknown fields of an object, and of what lies inside it under a key, as one carry of this protocol; none where there are none. */
export function carryOf(
  outer: JsonObject | undefined,
  inner: Readonly<Record<string, Json | undefined>> = {},
): { readonly carry?: Carry } {
  let fields = outer;
  for (const [key, unknown] of Object.entries(inner)) {
    if (unknown !== undefined) fields = { ...fields, [key]: unknown };
  }
  return fields === undefined ? {} : { carry: { protocol: 'openai-responses', fields } };
}
