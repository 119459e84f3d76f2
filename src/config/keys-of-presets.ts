import type { Json } from '../model/json.ts';

/** A host that is known by name, as far as the reading of settings needs it. */
export interface Preset {
  readonly name: string;
  /** Environment variable of its key. */
  readonly keyVariable: string;
}

/** One value that an environment variable adds to the settings. */
export interface AddedValue {
  readonly at: readonly string[];
  readonly value: Json;
  readonly variable: string;
}

/**
 * The key of each preset that the environment has: for the configured provider of that preset, where it has none of its own, or
 * else as a provider that nobody wrote down, unless `providers_from_env` is false. A key is never sent to another address than the
 * preset's own, so a provider with a `base_url` must be given its key.
 */
export function keysOfPresets(
  values: Readonly<Record<string, unknown>>,
  presets: readonly Preset[],
  environment: Readonly<Record<string, string | undefined>>,
): readonly AddedValue[] {
  // What is no list is refused by the schema, with its place.
  const written = values['providers'] ?? [];
  if (!Array.isArray(written)) return [];
  const providers = written.map(settingsOf);
  let next = providers.length;
  return presets.flatMap(({ name, keyVariable: variable }): readonly AddedValue[] => {
    const key = environment[variable];
    if (key === undefined || key === '' || key.startsWith(ownKeyBeginning)) return [];
    const configured = providers.flatMap((provider, index) => (provider['preset'] === name ? [{ provider, index }] : []));
    const add = (index: number, field: string, value: Json): AddedValue => ({
      at: ['providers', String(index), field],
      value,
      variable,
    });
    if (configured.length > 0) {
      return configured.filter(({ provider }) => lacksKey(provider)).map(({ index }) => add(index, 'api_key', key));
    }
    const isTaken = providers.some((provider) => provider['name'] === name);
    if (isTaken || values['providers_from_env'] === false) return [];
    const index = next++;
    return [add(index, 'name', name), add(index, 'preset', name), add(index, 'api_key', key)];
  });
}

/**
 * Keys that flashmux gives out. A client of this server has one under the name that its library reads, such as AI_GATEWAY_API_KEY, and
 * where both run in one shell it must not be sent to the public host of that name.
 */
const ownKeyBeginning = 'fm_';

function settingsOf(provider: unknown): Readonly<Record<string, unknown>> {
  return typeof provider === 'object' && provider !== null ? { ...provider } : {};
}

function lacksKey(provider: Readonly<Record<string, unknown>>): boolean {
  return ['api_key', 'api_keys', 'base_url', 'headers'].every((field) => provider[field] === undefined);
}
