import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Carry, ProtocolName } from '../../model/protocol.ts';

/**
 * The fields of a wire object that have no word here, or undefined where there are none. `Object.fromEntries` and spreads copy a key
 * named `__proto__` as data, which an assignment would not.
 */
export function unknownFields(object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let unknown: [string, Json][] | undefined;
  for (const key of Object.keys(object)) {
    if (known.has(key)) continue;
    const value = object[key];
    if (value !== undefined) (unknown ??= []).push([key, value]);
  }
  return unknown === undefined ? undefined : Object.fromEntries(unknown);
}

/** Makes the unknown fields of an object, and of objects inside it, one carry of the protocol: `{ extra, image_url: { extra } }`. */
export function carrierOf(protocol: ProtocolName): CarryOf {
  return (outer, inner = {}) => {
    let fields = outer;
    for (const [key, unknown] of Object.entries(inner)) {
      if (unknown !== undefined) fields = { ...fields, [key]: unknown };
    }
    return fields === undefined ? {} : { carry: { protocol, fields } };
  };
}

/** Nothing where no field is unknown. */
type CarryOf = (outer: JsonObject | undefined, inner?: Readonly<Record<string, Json | undefined>>) => { readonly carry?: Carry };

/** A written object with its carried fields back at their places. What this program wrote wins over a carried field of the same name. */
export function withCarried(written: JsonObject, carried: JsonObject): JsonObject {
  const keys = Object.keys(carried);
  if (keys.length === 0) return written;
  const back: [string, Json][] = [];
  for (const key of keys) {
    const value = carried[key];
    if (value === undefined) continue;
    const own = Object.hasOwn(written, key) ? written[key] : undefined;
    if (own === undefined) back.push([key, value]);
    else if (isJsonObject(own) && isJsonObject(value)) back.push([key, withCarried(own, value)]);
  }
  return { ...written, ...Object.fromEntries(back) };
}
