import { HostRecord } from './live/host-record.ts';
import type { Host } from './plan.ts';
import type { RoutingSettings } from './settings.ts';

/** The configured hosts by what they serve, and what is known of each from its answers. */
export class HostRegistry {
  readonly #byModel: ReadonlyMap<string, readonly Host[]>;
  readonly #severalRegions: ReadonlySet<string>;
  readonly #ids: ReadonlyMap<Host, string>;
  readonly #records = new Map<string, HostRecord>();
  readonly #settings: RoutingSettings;
  readonly #ticks: () => number;

  constructor(hosts: readonly Host[], settings: RoutingSettings, ticks: () => number) {
    this.#byModel = Map.groupBy(hosts, ({ model }) => model);
    const byPlace = Map.groupBy(hosts, placeOf);
    const several = [...byPlace].filter(([, same]) => new Set(same.map(({ traits }) => traits?.region)).size > 1);
    this.#severalRegions = new Set(several.map(([place]) => place));
    this.#ids = new Map(hosts.map((host) => [host, this.#newIdOf(host)]));
    this.#settings = settings;
    this.#ticks = ticks;
  }

  /** By the canonical id of a model, or of a variant: those of the model itself serve no variant of it. */
  hostsOf(id: string): readonly Host[] {
    return this.#byModel.get(id) ?? [];
  }

  regionsOf(id: string): readonly string[] {
    return this.hostsOf(id).flatMap(({ traits }) => traits?.region ?? []);
  }

  /** Figures belong to the place and what runs there, whichever of our models it is sold as. */
  hostIdOf(host: Host): string {
    return this.#ids.get(host) ?? this.#newIdOf(host);
  }

  /** As many as there are hosts: an id comes from a plan. */
  recordOf(hostId: string): HostRecord {
    let record = this.#records.get(hostId);
    if (record === undefined) this.#records.set(hostId, (record = new HostRecord(this.#settings, this.#ticks)));
    return record;
  }

  #newIdOf(host: Host): string {
    const place = placeOf(host);
    const region = host.traits?.region;
    return region !== undefined && this.#severalRegions.has(place) ? `${place}@${region}` : place;
  }
}

function placeOf({ provider, upstreamModel }: Host): string {
  return `${provider}/${upstreamModel}`;
}
