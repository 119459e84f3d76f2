import { join } from 'node:path';
import { fetchFile, type FetchTools } from './fetch-file.ts';
import type { ModelOffer } from './model-source.ts';

export interface HubFile {
  readonly url: string;
  readonly bytes: number;
  /** As the hub's metadata says it. */
  readonly sha256: string;
  /** Name on disk. */
  readonly name: string;
}

/** A file of which address, size and sum are known: the same bytes at every hub, so an unfinished download goes on at any of them. */
export function hubOffer(file: HubFile, tools: FetchTools): ModelOffer {
  return {
    from: [file.url],
    async fetch(workspace, signal) {
      const path = join(workspace.folder, file.name);
      const digest = { algorithm: 'sha256', hex: file.sha256 } as const;
      const { bytes, hex } = await fetchFile({ url: file.url, bytes: file.bytes, digest }, path, workspace, tools, signal);
      return { path, bytes, sha256: hex };
    },
  };
}
