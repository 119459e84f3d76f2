import type { ProviderSettings } from '../config/provider-settings.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { KnownHost, KnownModel, KnownRegion } from '../providers/known-hosts/known-host.ts';
import { knownHosts } from '../providers/known-hosts/known-hosts.ts';
import { hostRow, type HostRow } from './host-row.ts';

/** A provider of the configuration with all that its preset says. */
export interface ResolvedProvider {
  readonly name: string;
  /** Up to the version. */
  readonly baseUrl: string;
  readonly row: HostRow;
  /** Used in turn. */
  readonly keys: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cancellable: boolean;
  readonly served: readonly ServedModel[];
  /** Models whose vectors it serves. */
  readonly embeddings: readonly ServedModel[];
  readonly known?: { readonly host: KnownHost; readonly region: KnownRegion };
}

/** One model by our id and by the host's. */
export interface ServedModel {
  readonly model: string;
  readonly upstreamModel: string;
  /** Tokens, where they differ from the model's. */
  readonly limits?: KnownModel['limits'];
  readonly known?: KnownModel;
}

/** Throws `invalid_request`, its `param` the setting that is wrong, for a preset, region or row of quirks that there is not. */
export function resolveProvider(settings: ProviderSettings): ResolvedProvider {
  const known = settings.preset === undefined ? undefined : knownPlace(settings.preset, settings.region);
  const type = settings.type ?? known?.host.type ?? 'openai-compatible';
  const baseUrl = settings.base_url ?? known?.region.faces?.[type] ?? known?.region.baseUrl;
  if (baseUrl === undefined) throw wrong('base_url', `The provider "${settings.name}" has no address.`);
  const row = hostRow(type, settings.quirks, known?.host.quirks);
  const keys = settings.api_keys ?? (settings.api_key === undefined ? [] : [settings.api_key]);
  return {
    name: settings.name,
    baseUrl,
    row,
    keys,
    cancellable: settings.cancellable ?? row.quirks.stopsWhenAborted,
    served: servedModels(settings, known?.host),
    embeddings: pairsOf(settings.embeddings).map(([model, upstream]) => ({ model, upstreamModel: upstream ?? model })),
    ...(settings.headers === undefined ? {} : { headers: settings.headers }),
    ...(known === undefined ? {} : { known }),
  };
}

function knownPlace(preset: string, regionName: string | undefined): { readonly host: KnownHost; readonly region: KnownRegion } {
  const host = knownHosts.find(({ name }) => name === preset);
  if (host === undefined) {
    const names = knownHosts.map(({ name }) => name).join(', ');
    throw wrong('preset', `there is no preset "${preset}"; there are ${names}`);
  }
  const region = regionName === undefined ? host.regions[0] : host.regions.find(({ name }) => name === regionName);
  if (region === undefined) {
    const names = host.regions.map(({ name }) => name).join(', ');
    throw wrong('region', `${host.title} has no region "${regionName}"; it has ${names}`);
  }
  return { host, region };
}

/** A model that is only named takes the host's own id from the preset. With a preset and no models it serves what the preset lists. */
function servedModels(settings: ProviderSettings, host: KnownHost | undefined): readonly ServedModel[] {
  const named = pairsOf(settings.models);
  const isAll = named.length === 0 && pairsOf(settings.embeddings).length === 0;
  const ours = isAll ? (host?.models ?? []).map(({ model }) => [model, undefined] as const) : named;
  return ours.map(([model, upstream]) => {
    const known = host?.models.find((candidate) => candidate.model === model);
    const limits = { ...known?.limits, ...saidLimits(settings.limits) };
    return {
      model,
      upstreamModel: upstream ?? known?.upstreamModel ?? model,
      ...(Object.keys(limits).length === 0 ? {} : { limits }),
      ...(known === undefined ? {} : { known }),
    };
  });
}

function saidLimits({ context, input, output, thinking }: NonNullable<ProviderSettings['limits']> = {}): KnownModel['limits'] {
  return {
    ...(context === undefined ? {} : { context }),
    ...(input === undefined ? {} : { input }),
    ...(output === undefined ? {} : { output }),
    ...(thinking === undefined ? {} : { thinking }),
  };
}

/** `[our id, the host's id]`; a list does not say the host's. */
function pairsOf(models: ProviderSettings['models']): readonly (readonly [string, string | undefined])[] {
  return Array.isArray(models) ? models.map((id) => [id, undefined] as const) : Object.entries(models);
}

function wrong(param: string, message: string): FlashmuxError {
  return new FlashmuxError('invalid_request', message, { param });
}
