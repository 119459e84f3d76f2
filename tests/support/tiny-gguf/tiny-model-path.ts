import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { encodeGguf } from './gguf-file.ts';
import { tinyModel, type TinyArchitecture } from './tiny-model.ts';
import { tinyVocabulary } from './tiny-vocabulary.ts';

export interface TinyModelOptions {
  readonly architecture: TinyArchitecture;
  /** `qwen3.5` (the default) has tools and thinking; `plain` has neither, like TinyLlama's. */
  readonly template?: 'qwen3.5' | 'plain';
  /** The context the file says it was trained for, in tokens; by default 262,144 as in Qwen3.5. */
  readonly contextTokens?: number;
}

const cacheFolder = new URL('../../../node_modules/.cache/flashmux/', import.meta.url);
const sources = ['gguf-file.ts', 'random-weights.ts', 'tiny-model.ts', 'tiny-vocabulary.ts'];

/**
 * The path of a generated model of 2 to 3 MB, about 0.5 s to make. It is made once and kept; its name holds a hash of everything it
 * depends on, so a change of the recipe makes a new file. Processes that make the same file at once do not disturb each other.
 */
export async function tinyModelPath(options: TinyModelOptions): Promise<string> {
  const { architecture, template: templateName = 'qwen3.5', contextTokens = 262_144 } = options;
  const template = await readFile(new URL(`${templateName}.jinja`, import.meta.url), 'utf8');
  const version = createHash('sha256').update(template).update(String(contextTokens));
  for (const source of sources) version.update(await readFile(new URL(source, import.meta.url)));
  const name = `tiny-${architecture}-${templateName}-${version.digest('hex').slice(0, 16)}.gguf`;
  const path = fileURLToPath(new URL(name, cacheFolder));
  if (await exists(path)) return path;
  const bytes = encodeGguf(tinyModel({ architecture, template, contextTokens, vocabulary: await tinyVocabulary() }));
  await mkdir(cacheFolder, { recursive: true });
  const partial = `${path}.${randomUUID()}.partial`;
  await writeFile(partial, bytes);
  await rename(partial, path);
  return path;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
