import type { ModelLimits } from '../../catalogue/catalogue.ts';
import type { Capabilities } from '../../model/capability.ts';
import type { PriceList } from '../../model/money.ts';
import type { HostRecord } from '../live/host-record.ts';
import type { Host } from '../plan.ts';

/** A host that may answer one request, with what is known of it: its own word first, then what the catalogue says of the model. */
export interface Candidate {
  readonly host: Host;
  readonly hostId: string;
  readonly capabilities: Capabilities;
  readonly limits: ModelLimits;
  /** What this caller pays there. */
  readonly priceList: PriceList;
  readonly record: HostRecord;
}

/**
 * Whether a caller's word means this host: the name of its provider, the part of that before a slash, or the name with the region or
 * the number format after a slash, as OpenRouter writes it (`alibaba`, `alibaba/us`, `own/fp8`). Case does not matter.
 */
export function isNamed({ provider, traits = {} }: Host, name: string): boolean {
  const details = [traits.region, traits.quantization].filter((detail) => detail !== undefined);
  const names = [provider, provider.split('/', 1)[0] ?? provider, ...details.map((detail) => `${provider}/${detail}`)];
  return names.some((each) => each.toLowerCase() === name.toLowerCase());
}
