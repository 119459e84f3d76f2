import { z } from 'zod';
import type { FetchTools } from './fetch-file.ts';
import { readHubJson } from './hub-listing.ts';
import { hubOffer } from './hub-offer.ts';
import type { ModelSource } from './model-source.ts';

/** ModelScope's file list API (2026-11). `Data` is null for a repository that is not there. */
const fileListing = z.object({
  Data: z
    .object({
      Files: z.array(
        z.object({ Path: z.string(), Type: z.string(), Size: z.number().int().nonnegative(), Sha256: z.string().optional() }),
      ),
    })
    .nullish(),
});

/** The same repositories at ModelScope, for where Hugging Face cannot be reached. */
export function modelScopeSource(address: string, tools: FetchTools): ModelSource {
  return {
    name: 'modelscope',
    async offer(model, signal) {
      const place = model.known?.modelScope;
      if (place === undefined) return undefined;
      const listing = await readHubJson(
        tools.outgoing,
        `${address}/api/v1/models/${place.repository}/repo/files?Revision=${place.revision}&Recursive=true`,
        fileListing,
        signal,
      );
      const entry = listing?.Data?.Files.find(({ Path, Type }) => Path === model.file && Type === 'blob');
      if (entry?.Sha256 === undefined || !/^[0-9a-f]{64}$/.test(entry.Sha256)) return undefined;
      const url = `${address}/models/${place.repository}/resolve/${place.revision}/${encodeURIComponent(model.file)}`;
      return hubOffer({ url, bytes: entry.Size, sha256: entry.Sha256, name: model.file }, tools);
    },
  };
}
