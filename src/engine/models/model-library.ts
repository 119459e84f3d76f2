import { readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FlashmuxError } from '../../model/fault.ts';
import type { Clock } from '../../model/ports.ts';
import type { Outgoing } from '../../net/outgoing.ts';
import type { Log } from '../../telemetry/log.ts';
import { freeDiskBytes } from './disk-space.ts';
import type { FetchTools } from './fetch-file.ts';
import { firstModel, type FirstModel } from './first-model.ts';
import { huggingFaceSource } from './hugging-face.ts';
import { readInstalled, type InstalledModel } from './installed-model.ts';
import { knownModels, type KnownModel } from './known-models.ts';
import { libraryFolders, type LibraryFolders } from './library-folders.ts';
import { localFileSource } from './local-file.ts';
import { isModelId } from './model-id.ts';
import { modelScopeSource } from './model-scope.ts';
import type { ModelSource, SourceName } from './model-source.ts';
import { npmPackagesSource } from './npm-packages.ts';
import { probeSources, type SourceReport } from './probe-sources.ts';
import { progressMeter, type OnPullProgress } from './progress.ts';
import { isLocked } from './pull-lock.ts';
import { pullModel, type PullTools } from './pull-model.ts';
import { readPullTarget, type PullTarget } from './pull-target.ts';
import { trustRecordAt, type TrustRecord } from './trust-record.ts';
import { urlSource } from './url-source.ts';

/** The local models: those that can be had, and those that are here. */
export interface ModelLibrary {
  /** Models that can be pulled by id. */
  known(): readonly KnownModel[];
  /** Models on this machine, by id. What is damaged is left out and logged once. */
  installed(): Promise<readonly InstalledModel[]>;
  /** Throws `invalid_request` for a text that cannot be an id. */
  find(id: string): Promise<InstalledModel | undefined>;
  /**
   * Brings a model: a known one by id, or any single GGUF file by http(s) address or path. One that is here already is given back
   * at once. Throws FlashmuxError: `not_found` for an unknown id (naming close ones) or a missing file, `invalid_request` for what
   * is no model, `conflict` where another file took the id or an address changed what it serves, `model_not_ready` where no source
   * brought it (each with its reason) or the disk is too small, the source's own fault where only one was asked, and `cancelled`
   * on abort; then the next pull goes on from there.
   */
  pull(target: string, options: PullOptions): Promise<InstalledModel>;
  /** Deletes a model and what was left of an unfinished pull. False: there was no such model. Throws `conflict` during a pull of it. */
  remove(id: string): Promise<boolean>;
  /** Asks every source at once, a few seconds at most. */
  probe(signal: AbortSignal): Promise<readonly SourceReport[]>;
  /** The Qwen3.5 model for so much free memory. */
  chooseDefault(freeBytes: number): KnownModel;
  /** What start-up does: see first-model.ts. Throws only on abort. */
  firstModel(signal: AbortSignal, onProgress?: OnPullProgress): Promise<FirstModel>;
}

interface PullOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: OnPullProgress;
  /** Only from here. */
  readonly source?: SourceName;
}

export interface ModelLibraryOptions {
  /** The data folder; models lie in its `models`. */
  readonly home: string;
  readonly outgoing: Outgoing;
  readonly log: Log;
  readonly clock: Clock;
  /** Program and first arguments that start npm. */
  readonly npmCommand?: readonly string[];
  /** Mirrors that speak the hubs' APIs, without a slash at the end. */
  readonly hubs?: { readonly huggingFace?: string; readonly modelScope?: string };
  readonly known?: readonly KnownModel[];
  readonly freeMemoryBytes?: () => number;
  readonly freeDiskBytes?: (folder: string) => Promise<number>;
  readonly retryDelayMs?: (failures: number) => number;
}

export function createModelLibrary(options: ModelLibraryOptions): ModelLibrary {
  return new Library(options);
}

const hubs: readonly SourceName[] = ['hugging-face', 'modelscope'];

class Library implements ModelLibrary {
  readonly #known: readonly KnownModel[];
  readonly #folders: LibraryFolders;
  readonly #tools: PullTools;
  readonly #fetchTools: FetchTools;
  readonly #sources: readonly ModelSource[];
  readonly #trust: TrustRecord;
  readonly #freeMemoryBytes: () => number;
  readonly #brokenTold = new Set<string>();

  constructor(options: ModelLibraryOptions) {
    const log = options.log.child({ part: 'models' });
    const { outgoing, clock, retryDelayMs } = options;
    this.#known = options.known ?? knownModels;
    this.#folders = libraryFolders(options.home);
    this.#tools = {
      folders: this.#folders,
      log,
      clock,
      freeDiskBytes: options.freeDiskBytes ?? freeDiskBytes,
      standInId: this.#standIn()?.id,
    };
    this.#fetchTools = { outgoing, log, ...(retryDelayMs === undefined ? {} : { retryDelayMs }) };
    this.#sources = [
      huggingFaceSource(options.hubs?.huggingFace ?? 'https://huggingface.co', this.#fetchTools),
      modelScopeSource(options.hubs?.modelScope ?? 'https://modelscope.cn', this.#fetchTools),
      npmPackagesSource(options.npmCommand ?? ['npm'], this.#fetchTools),
    ];
    this.#trust = trustRecordAt(join(this.#folders.models, 'trusted-sums.json'));
    // Counts what the system could free, and respects the limit of a container.
    this.#freeMemoryBytes = options.freeMemoryBytes ?? (() => process.availableMemory());
  }

  known(): readonly KnownModel[] {
    return this.#known;
  }

  async installed(): Promise<readonly InstalledModel[]> {
    const names = await readdir(this.#folders.models).catch(() => []);
    const found = await Promise.all(names.filter(isModelId).map((id) => this.find(id)));
    return found.filter((model) => model !== undefined).toSorted((left, right) => left.id.localeCompare(right.id));
  }

  async find(id: string): Promise<InstalledModel | undefined> {
    const folder = this.#folders.of(id);
    const found = await readInstalled(folder, id);
    if (!('broken' in found)) return found;
    if ((await isFolder(folder)) && !this.#brokenTold.has(id)) {
      this.#brokenTold.add(id);
      this.#tools.log.warn({ model: id, reason: found.broken }, 'an installed model cannot be used; pull it again');
    }
    return undefined;
  }

  async pull(text: string, options: PullOptions): Promise<InstalledModel> {
    const target = await this.#targetOrInstalled(text);
    if (target.kind === 'installed') return target.model;
    const sources = this.#sourcesOf(target).filter(({ name }) => options.source === undefined || options.source === name);
    if (sources.length === 0) {
      throw new FlashmuxError('invalid_request', `${text} cannot come from ${options.source ?? 'any source'}.`, {
        param: 'source',
      });
    }
    return await this.#pullFrom(target, sources, options);
  }

  async remove(id: string): Promise<boolean> {
    const folder = this.#folders.of(id);
    if (await isLocked(this.#folders.lockOf(id), this.#tools.clock)) {
      throw new FlashmuxError('conflict', `${id} is being pulled; stop that first.`);
    }
    const there = await isFolder(folder);
    for (const path of [folder, this.#folders.unfinishedOf(id), this.#folders.readyOf(id)]) {
      await rm(path, { recursive: true, force: true });
    }
    this.#brokenTold.delete(id);
    return there;
  }

  async probe(signal: AbortSignal): Promise<readonly SourceReport[]> {
    const standIn = this.#standIn();
    const reports = await Promise.all([
      this.#probe(this.#chosen(), hubs, signal),
      ...(standIn === undefined ? [] : [this.#probe(standIn, ['npm'], signal)]),
    ]);
    return reports.flat();
  }

  chooseDefault(freeBytes: number): KnownModel {
    const smallestLast = this.#known
      .flatMap((model) =>
        model.defaultFromFreeMemoryBytes === undefined ? [] : [{ model, from: model.defaultFromFreeMemoryBytes }],
      )
      .toSorted((left, right) => right.from - left.from);
    const chosen = smallestLast.find(({ from }) => from <= freeBytes) ?? smallestLast.at(-1);
    if (chosen === undefined) throw new RangeError('no known model is a default');
    return chosen.model;
  }

  async firstModel(signal: AbortSignal, onProgress?: OnPullProgress): Promise<FirstModel> {
    const options = { signal, ...(onProgress === undefined ? {} : { onProgress }) };
    return await firstModel(
      {
        installed: () => this.installed(),
        chosen: () => this.#chosen(),
        standIn: () => this.#standIn(),
        probe: (model, sources, limited) => this.#probe(model, sources, limited),
        pull: (id, sources) => this.#pullFrom(readPullTarget(id, this.#known), this.#named(sources), options),
      },
      signal,
    );
  }

  #chosen(): KnownModel {
    return this.chooseDefault(this.#freeMemoryBytes());
  }

  #standIn(): KnownModel | undefined {
    return this.#known.find((model) => model.standIn === true && model.npm !== undefined);
  }

  async #probe(model: KnownModel, names: readonly SourceName[], signal: AbortSignal): Promise<readonly SourceReport[]> {
    return await probeSources(model, this.#named(names), signal);
  }

  #named(names: readonly SourceName[]): readonly ModelSource[] {
    return this.#sources.filter(({ name }) => names.includes(name));
  }

  async #targetOrInstalled(text: string): Promise<PullTarget | { readonly kind: 'installed'; readonly model: InstalledModel }> {
    // An installed id counts also where it is not a known one: it came from an address or a path.
    const id = text.trim().toLowerCase();
    const named = isModelId(id) ? await this.find(id) : undefined;
    if (named !== undefined) return { kind: 'installed', model: named };
    const target = readPullTarget(text, this.#known);
    const model = await this.find(target.wanted.id);
    if (model === undefined) return target;
    if (model.from.includes(await originOf(target))) return { kind: 'installed', model };
    throw new FlashmuxError(
      'conflict',
      `There is another model ${model.id}, from ${model.from.join(', ')}. Remove it first: \`flashmux models rm ${model.id}\`.`,
    );
  }

  #sourcesOf(target: PullTarget): readonly ModelSource[] {
    switch (target.kind) {
      case 'known':
        return this.#sources;
      case 'url':
        return [urlSource(target.url, this.#trust, this.#fetchTools)];
      case 'file':
        return [localFileSource(target.path)];
    }
  }

  async #pullFrom(target: PullTarget, sources: readonly ModelSource[], options: PullOptions): Promise<InstalledModel> {
    const report = progressMeter(target.wanted.id, this.#tools.clock, options.onProgress ?? (() => undefined));
    return await pullModel(target.wanted, sources, this.#tools, report, options.signal);
  }
}

/** What the manifest of a model from this target says in `from`. */
async function originOf(target: PullTarget): Promise<string> {
  switch (target.kind) {
    case 'known':
      return target.wanted.id;
    case 'url':
      return target.url;
    case 'file':
      return await realpath(target.path).catch(() => target.path);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await readdir(path).catch(() => undefined)) !== undefined;
}
