import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

/**
 * Adds the platform packages that npm left out of package-lock.json. A registry mirror may hold the packages of some platforms only;
 * npm then writes a lockfile without the others, which `npm ci` refuses as out of step with package.json. An entry needs no more
 * than the version and the platforms, by which npm skips it elsewhere. Run it after each change of a dependency.
 */
const file = path.join(import.meta.dirname, '..', 'package-lock.json');

const entry = z.looseObject({
  version: z.string().optional(),
  dev: z.boolean().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
const lock = z.looseObject({ packages: z.record(z.string(), entry) });

const systems: Readonly<Record<string, string>> = {
  mac: 'darwin',
  darwin: 'darwin',
  win: 'win32',
  win32: 'win32',
  linux: 'linux',
  android: 'android',
  freebsd: 'freebsd',
  openharmony: 'openharmony',
  aix: 'aix',
  netbsd: 'netbsd',
  openbsd: 'openbsd',
  sunos: 'sunos',
};
const processors = new Set(['x64', 'arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el', 'wasm32']);
const libraries: Readonly<Record<string, string>> = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl', musleabihf: 'musl' };

const read = lock.parse(JSON.parse(readFileSync(file, 'utf8')));
const added: Record<string, unknown> = {};
for (const [place, { dev, optionalDependencies = {} }] of Object.entries(read.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    // Beside its parent, because another version may stand further up. What stands there already may be an override.
    const beside = `${place.slice(0, place.lastIndexOf('node_modules/'))}node_modules/${name}`;
    const isLocked = [`${place}/node_modules/${name}`, beside].some((at) => at in read.packages);
    const isHoisted = read.packages[`node_modules/${name}`]?.version === version;
    // A range cannot be pinned without asking the registry, and a platform package is always pinned by its parent.
    if (isLocked || isHoisted || !/^\d+\.\d+\.\d+/.test(version)) continue;
    added[beside] = { version, ...platform(name), ...(dev === true ? { dev } : {}), optional: true };
  }
}

function platform(name: string): Readonly<Record<string, readonly string[]>> {
  const words = name.split(/[/-]/);
  const os = words.map((word) => systems[word]).find((word) => word !== undefined);
  const cpu = words.find((word) => processors.has(word));
  const libc = words.map((word) => libraries[word]).find((word) => word !== undefined);
  return {
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(libc === undefined ? {} : { libc: [libc] }),
    ...(os === undefined ? {} : { os: [os] }),
  };
}

const sorted = Object.entries({ ...read.packages, ...added }).toSorted(([left], [right]) => (left < right ? -1 : 1));
writeFileSync(file, `${JSON.stringify({ ...read, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
console.log(`added ${Object.keys(added).length} packages of other platforms`);
