import type { Catalogue, ModelEntry } from '../catalogue/catalogue.ts';
import { operatorModel } from '../catalogue/operator-model.ts';
import type { Config } from '../config/schema.ts';
import type { Host } from '../routing/plan.ts';
import { hostTraits } from './host-traits.ts';
import { resolveProvider, type ServedModel } from './resolve-provider.ts';

/** Which configured provider serves which model under which name; models of vectors are served in vectors alone. */
export function configuredHosts(config: Config, catalogue: Catalogue): readonly Host[] {
  const speaking = config.providers.flatMap((settings) => {
    const provider = resolveProvider(settings);
    return provider.served.map((served): Host => {
      const traits = hostTraits(settings, provider, served, catalogue);
      return { ...hostOf(provider.name, served, catalogue), ...(Object.keys(traits).length === 0 ? {} : { traits }) };
    });
  });
  return [...speaking, ...configuredEmbeddingHosts(config, catalogue).filter(({ model }) => isOfVectors(catalogue, model))];
}

/** Which configured provider serves the vectors of which model. */
export function configuredEmbeddingHosts({ providers }: Config, catalogue: Catalogue): readonly Host[] {
  return providers.flatMap((settings) => {
    const { name, embeddings } = resolveProvider(settings);
    return embeddings.map((served) => hostOf(name, served, catalogue));
  });
}

function hostOf(provider: string, { model: id, upstreamModel }: ServedModel, catalogue: Catalogue): Host {
  const known = catalogue.find(id);
  return { provider, model: known?.variant?.id ?? known?.model.id ?? id, upstreamModel };
}

/** Whether a model answers with vectors and nothing else. */
function isOfVectors(catalogue: Catalogue, id: string): boolean {
  return catalogue.find(id)?.model.capabilities.features.includes('embeddings') === true;
}

/** Entries for the models of the configuration that no catalogue knows, so that they can be called and listed like any other. */
export function operatorModels(config: Config, known: Catalogue): readonly ModelEntry[] {
  const unknown = (ids: readonly string[]): readonly string[] => [...new Set(ids)].filter((id) => known.find(id) === undefined);
  const providers = config.providers.map(resolveProvider);
  const speaking = unknown(providers.flatMap(({ served }) => served.map(({ model }) => model)));
  const embedding = unknown(providers.flatMap(({ embeddings }) => embeddings.map(({ model }) => model)));
  return [
    ...speaking.map((id) => operatorModel({ id })),
    ...embedding.filter((id) => !speaking.includes(id)).map((id) => operatorModel({ id, capabilities: vectors })),
  ];
}

const vectors = { input: ['text'], output: [], features: ['embeddings'] } as const;

/** A local GGUF file that the catalogue does not know: text only, free, and ready to stand in like any local model. */
export function localFileModel(id: string): ModelEntry {
  const text = {
    input: ['text'],
    output: ['text'],
    features: ['thinking', 'tools', 'json', 'schema', 'logprobs', 'answers', 'explicit-cache', 'implicit-cache'],
  } as const;
  return {
    ...operatorModel({ id, description: 'A model file of this machine.', capabilities: text }),
    standsInFor: ['qwen-flash'],
  };
}
