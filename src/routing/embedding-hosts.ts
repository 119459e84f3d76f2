import type { ModelEntry, Variant } from '../catalogue/catalogue.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { Host } from './plan.ts';
import type { LocalModel } from './local-model.ts';

export interface EmbeddingHostsOptions {
  /** Configured places that serve vectors. */
  readonly hosts: readonly Host[];
  readonly local: () => LocalModel | undefined;
}

/**
 * Who has vectors of a model: the hosts that the configuration names, else the local model for itself. No model stands in for another
 * here: vectors of two models cannot be compared. Throws `unsupported_value` for a model that nobody has vectors of, and
 * `model_not_ready` for a local one that is missing.
 */
export function embeddingHosts({ hosts, local }: EmbeddingHostsOptions) {
  return (model: ModelEntry, variant: Variant | undefined): readonly Host[] => {
    const named = variant?.id ?? model.id;
    const configured = hosts.filter((host) => host.model === named);
    if (configured.length > 0) return configured;
    const running = local();
    if (running?.modelId !== named) {
      const message = `Nobody here has vectors of "${named}". Name it under "embeddings" of a provider, or ask the local model by its own id.`;
      throw new FlashmuxError('unsupported_value', message, { param: 'model' });
    }
    if (running.missing === undefined) return [{ provider: running.provider, model: named, upstreamModel: running.modelId }];
    throw new FlashmuxError('model_not_ready', running.missing, { param: 'model', retryAfterSeconds: 30 });
  };
}
