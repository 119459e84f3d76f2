import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../../..');

/** The program as a clone runs it, types and all. */
export const sourceProgram = path.join(root, 'src/cli/main.ts');

/**
 * The program as it is installed from npm: built into a package of its own, beside our packages. A place that stays, so that Node's
 * cache of compiled code knows it from the second start on, as with an installation. Throws where the sources do not compile.
 */
export function buildProgram(): string {
  const folder = path.join(import.meta.dirname, '../.cache/package');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  copyFileSync(path.join(root, 'package.json'), path.join(folder, 'package.json'));
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  const dist = path.join(folder, 'dist');
  const { status } = spawnSync(
    process.execPath,
    [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json', '--outDir', dist],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
  const program = path.join(dist, 'cli/main.js');
  if (status !== 0 || !existsSync(program)) throw new Error('flashmux could not be built; --sources measures what runs without.');
  return program;
}
