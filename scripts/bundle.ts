import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';

const root = path.join(import.meta.dirname, '..');

/** What is started by its path: the program, its threads, and the process of the engine. Each is found beside whoever starts it. */
export const entries: Readonly<Record<string, string>> = {
  main: 'cli/main.ts',
  worker: 'store/sqlite/worker.ts',
  'schema-worker': 'providers/guaranteed/schema-worker.ts',
  'count-worker': 'engine/tokens/count-worker.ts',
  'child/main': 'engine/child/main.ts',
};

/** Packages that few need, and late, or that bring binaries and data: they stay modules of their own. */
const separate = ['@huggingface/jinja', '@hypertok/vocab-qwen3-6', 'ajv', 'hypertok', 'node-llama-cpp', 'postgres'];

/**
 * Writes the program into a folder that is made anew: a few files in `cli` in place of the thousand modules that Node would look for
 * one by one (docs/decisions/0020-bundle.md), and the licences of the packages in them. Rejects where a module cannot be read.
 */
export async function bundle(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const input = Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, path.join(root, 'src', file)]));
  const program = await rolldown({
    input,
    platform: 'node',
    // Also `ajv/dist/2020.js`.
    external: separate.map((name) => new RegExp(`^${name}(/|$)`)),
    transform: { target: 'node22' },
  });
  const { output } = await program.write({
    dir: path.join(folder, 'cli'),
    format: 'esm',
    // Beside the entries: what a module says of files next to it, and of package.json two folders above, is then true in every file.
    chunkFileNames: '[name]-[hash].js',
    sourcemap: true,
  });
  await program.close();
  const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
  writeFileSync(path.join(folder, 'licences.txt'), licencesOf(new Set(modules.flatMap(packageOf))));
}

/** The folder of the package that a module comes from; nothing for a module of our own. */
function packageOf(module: string): readonly string[] {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(module) ?? [];
}

/** Licences ask that their text goes with every copy. Throws for a package without one. */
function licencesOf(packages: ReadonlySet<string>): string {
  const texts = [...packages].toSorted().map((folder) => {
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
    if (file === undefined) throw new Error(`The package ${name} has no licence that could be copied with it.`);
    return `${name}\n\n${readFileSync(path.join(folder, file), 'utf8').trim()}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}
