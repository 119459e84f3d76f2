import { copyFileSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { bundle } from '../../../scripts/bundle.ts';

const root = path.join(import.meta.dirname, '../../..');

/** The program as a clone runs it, types and all. */
export const sourceProgram = path.join(root, 'src/cli/main.ts');

/**
 * The program as it is installed from npm: built into a package of its own, beside our packages. A place that stays, so that Node's
 * cache of compiled code knows it from the second start on, as with an installation.
 */
export async function buildProgram(): Promise<string> {
  const folder = path.join(import.meta.dirname, '../.cache/package');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  copyFileSync(path.join(root, 'package.json'), path.join(folder, 'package.json'));
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  const dist = path.join(folder, 'dist');
  await bundle(dist);
  return path.join(dist, 'cli/main.js');
}
