import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { modelIdPattern } from './model-id.ts';
import { parseJson } from './parse-json.ts';

/** A model on this machine: what its manifest says, and where its file lies. */
export interface InstalledModel extends Manifest {
  /** Absolute, of the GGUF file. */
  readonly path: string;
}

export type Manifest = Readonly<z.infer<typeof manifest>>;

const manifest = z.object({
  id: z.string().regex(modelIdPattern),
  name: z.string(),
  /** Beside the manifest; a bare name, so that a manifest cannot point elsewhere. */
  file: z.string().regex(/^[^/\\]+$/),
  source: z.enum(['hugging-face', 'modelscope', 'npm', 'url', 'file']),
  /** Address, path, or packages with versions. */
  from: z.array(z.string()).readonly(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().positive(),
  /** ISO 8601, UTC. */
  pulledAt: z.iso.datetime(),
  /** SPDX identifier. Absent: nobody told. */
  licence: z.string().exactOptional(),
  /** True: only for showing that the server works; to be labelled so wherever it is shown. */
  standIn: z.boolean().exactOptional(),
  note: z.string().exactOptional(),
});

const manifestName = 'manifest.json';

export async function writeManifest(folder: string, content: Manifest): Promise<void> {
  await writeFile(join(folder, manifestName), `${JSON.stringify(content, undefined, 2)}\n`, { flush: true });
}

/** The model in a folder; a reason in words where the folder holds none that can be used. */
export async function readInstalled(folder: string, id: string): Promise<InstalledModel | { readonly broken: string }> {
  const text = await readFile(join(folder, manifestName), 'utf8').catch(() => undefined);
  if (text === undefined) return { broken: 'it has no manifest' };
  const read = manifest.safeParse(parseJson(text));
  if (!read.success) return { broken: 'its manifest cannot be read' };
  if (read.data.id !== id) return { broken: `its manifest names ${read.data.id}` };
  const path = join(folder, read.data.file);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return { broken: `its file ${read.data.file} is missing` };
  if (found.size !== read.data.bytes) {
    return { broken: `its file has ${found.size} bytes where the manifest says ${read.data.bytes}` };
  }
  return { ...read.data, path };
}
