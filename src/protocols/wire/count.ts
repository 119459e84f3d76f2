import type { Json } from '../../model/json.ts';

/** What a host says of a number of tokens or calls; undefined for what is no count. */
export function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
