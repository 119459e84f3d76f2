import type { Config } from '../config/schema.ts';
import type { LocalEngine } from '../engine/local-engine.ts';
import type { Provider } from '../model/ports.ts';
import { createEmbeddedProvider } from '../providers/embedded/create-embedded-provider.ts';
import { heldByGrammar } from '../providers/guaranteed/abilities.ts';
import { guaranteed } from '../providers/guaranteed/guaranteed.ts';
import { createSchemaChecker } from '../providers/guaranteed/schema-checker.ts';
import { createScriptedProvider } from '../providers/scripted/create-scripted-provider.ts';
import { newId } from '../telemetry/ids.ts';
import { configuredProviders, type Guarantee, type ProviderParts } from './from-config.ts';

export interface AllProviderParts extends Omit<ProviderParts, 'guarantee'> {
  readonly engine: LocalEngine;
}

/** Everybody who can answer, by name. All but the scripted host behave alike, and share one checker of schemas. */
export function buildProviders(config: Config, { engine, ...parts }: AllProviderParts): ReadonlyMap<string, Provider> {
  const shared = { checker: createSchemaChecker(), newCallId: () => newId('call') };
  const guarantee: Guarantee = (provider, abilities) => guaranteed(provider, abilities, shared);
  const providers = [
    ...configuredProviders(config, { ...parts, guarantee }),
    guarantee(createEmbeddedProvider({ engine }), heldByGrammar),
    ...(config.scripted.enabled ? [createScriptedProvider()] : []),
  ];
  return new Map(providers.map((provider) => [provider.name, provider]));
}
