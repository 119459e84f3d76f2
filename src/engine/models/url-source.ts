import { join } from 'node:path';
import { fetchFile, type FetchTools } from './fetch-file.ts';
import type { ModelSource } from './model-source.ts';
import { removePartial } from './partial-file.ts';
import type { TrustRecord } from './trust-record.ts';

/** One GGUF file at an address that the operator named. There is no sum to compare with, so the first one seen is trusted and kept. */
export function urlSource(url: string, trust: TrustRecord, tools: FetchTools): ModelSource {
  return {
    name: 'url',
    offer: (model) =>
      Promise.resolve({
        from: [url],
        async fetch(workspace, signal) {
          const path = join(workspace.folder, model.file);
          const { bytes, hex } = await fetchFile({ url }, path, workspace, tools, signal);
          try {
            await trust.check(url, hex);
          } catch (error) {
            await removePartial(path);
            throw error;
          }
          return { path, bytes, sha256: hex };
        },
      }),
  };
}
