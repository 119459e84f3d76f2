import { z } from 'zod';
import { FlashmuxError } from '../../model/fault.ts';
import type { FetchTools } from './fetch-file.ts';
import { readHubJson } from './hub-listing.ts';
import { hubOffer } from './hub-offer.ts';
import type { ModelSource } from './model-source.ts';

/** Large files lie in Git LFS, whose object id is their sha256 (Hugging Face Hub API, tree listing, 2026-11). */
const treeListing = z.array(
  z.object({
    path: z.string(),
    size: z.number().int().nonnegative(),
    lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.number().int().positive() }).optional(),
  }),
);

/** GGUF repositories at Hugging Face, or at a mirror that speaks its API. */
export function huggingFaceSource(address: string, tools: FetchTools): ModelSource {
  return {
    name: 'hugging-face',
    async offer(model, signal) {
      const place = model.known?.huggingFace;
      if (place === undefined) return undefined;
      const listing = await readHubJson(
        tools.outgoing,
        `${address}/api/models/${place.repository}/tree/${place.revision}`,
        treeListing,
        signal,
      );
      const entry = listing?.find(({ path }) => path === model.file);
      if (entry === undefined) return undefined;
      if (entry.lfs === undefined) {
        throw new FlashmuxError('upstream_refused', `${place.repository} says no sha256 for ${model.file}.`);
      }
      const url = `${address}/${place.repository}/resolve/${place.revision}/${encodeURIComponent(model.file)}`;
      return hubOffer({ url, bytes: entry.lfs.size, sha256: entry.lfs.oid, name: model.file }, tools);
    },
  };
}
