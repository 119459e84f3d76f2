import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Config } from '../config/schema.ts';
import type { LocalEngine } from '../engine/local-engine.ts';
import { createEmbed, type Embed, type EmbedOptions } from '../exchange/embed.ts';
import type { EmbeddingProvider } from '../model/ports.ts';
import type { Outgoing } from '../net/outgoing.ts';
import { createEmbeddedEmbeddings } from '../providers/embedded/create-embedded-embeddings.ts';
import { createKeyRing } from '../providers/key-ring.ts';
import { createOpenAiEmbeddings } from '../providers/openai-compatible/create-openai-embeddings.ts';
import { embeddingHosts } from '../routing/embedding-hosts.ts';
import { systemClock } from '../telemetry/clock.ts';
import { configuredEmbeddingHosts } from './configured-models.ts';
import { deadlines } from './from-config.ts';
import type { LocalModel } from './local-model.ts';
import { resolveProvider } from './resolve-provider.ts';

export interface EmbedParts extends Pick<EmbedOptions, 'ledger' | 'admission' | 'counter' | 'clock' | 'log'> {
  readonly config: Config;
  readonly catalogue: Catalogue;
  readonly engine: LocalEngine;
  readonly localModel: Pick<LocalModel, 'routed'>;
  readonly outgoing: Outgoing;
}

/** The line of calls for vectors. */
export function buildEmbed({ config, engine, localModel, outgoing, ...line }: EmbedParts): Embed {
  const hosts = configuredEmbeddingHosts(config, line.catalogue);
  const configured = config.providers.map((settings) => {
    const { name, baseUrl, keys, headers } = resolveProvider(settings);
    return createOpenAiEmbeddings({
      name,
      baseUrl,
      outgoing,
      keys: createKeyRing(keys, systemClock),
      ...(headers === undefined ? {} : { headers }),
    });
  });
  const all: readonly EmbeddingProvider[] = [...configured, createEmbeddedEmbeddings({ engine })];
  return createEmbed({
    ...line,
    embeddingHosts: embeddingHosts({ hosts, local: () => localModel.routed() }),
    providers: new Map(all.map((provider) => [provider.name, provider])),
    deadlines: deadlines(config),
  });
}
