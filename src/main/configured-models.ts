import type { Catalogue, ModelEntry } from '../catalogue/catalogue.ts';
import { operatorModel } from '../catalogue/operator-model.ts';
import type { Config } from '../config/schema.ts';
import type { Host } from '../routing/plan.ts';

/** Which configured provider serves which model under which name. */
export function configuredHosts(config: Config, catalogue: Catalogue): readonly Host[] {
  return config.providers.flatMap(({ name, models }) =>
    modelPairs(models).map(([id, upstreamModel]) => {
      const known = catalogue.find(id);
      return { provider: name, model: known?.variant?.id ?? known?.model.id ?? id, upstreamModel };
    }),
  );
}

/** Entries for the models of the configuration that no catalogue knows, so that they can be called and listed like any other. */
export function operatorModels(config: Config, known: Catalogue): readonly ModelEntry[] {
  const ids = config.providers.flatMap(({ models }) => modelPairs(models).map(([id]) => id));
  return [...new Set(ids)].filter((id) => known.find(id) === undefined).map((id) => operatorModel({ id }));
}

/** A local GGUF file that the catalogue does not know: text only, free, and ready to stand in like any local model. */
export function localFileModel(id: string): ModelEntry {
  const text = {
    input: ['text'],
    output: ['text'],
    features: ['thinking', 'tools', 'json', 'schema', 'logprobs', 'answers', 'implicit-cache'],
  } as const;
  return {
    ...operatorModel({ id, description: 'A model file of this machine.', capabilities: text }),
    standsInFor: ['qwen-flash'],
  };
}

/** `[our id, the host's id]`: a list means that both are the same. */
function modelPairs(models: Config['providers'][number]['models']): readonly (readonly [string, string])[] {
  return Array.isArray(models) ? models.map((id) => [id, id] as const) : Object.entries(models);
}
