import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../config/schema.ts';
import type { LocalEngine } from '../engine/local-engine.ts';
import type { ModelLibrary } from '../engine/models/model-library.ts';
import { describeProgress, type OnPullProgress } from '../engine/models/progress.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { LocalModel as RoutedModel } from '../routing/local-model.ts';

/** How it went: the model that answers, or why there is none. */
export type Booted =
  | { readonly kind: 'ready'; readonly modelId: string; readonly note?: string }
  | { readonly kind: 'none'; readonly reasons: readonly string[]; readonly pullCommand: string };

/** The local model of this server: which one it is, and how it comes into the engine. */
export class LocalModel {
  readonly #settings: Config['engine'];
  readonly #engine: LocalEngine;
  readonly #library: ModelLibrary;
  #modelId: string;
  #missing: string | undefined;

  constructor(settings: Config['engine'], engine: LocalEngine, library: ModelLibrary, defaultModelId: string) {
    this.#settings = settings;
    this.#engine = engine;
    this.#library = library;
    this.#modelId = settings.model === undefined ? defaultModelId : localModelId(settings.model);
  }

  /** For routing: who would answer locally, and whether it can yet. */
  routed(): RoutedModel | undefined {
    if (!this.#settings.enabled) return undefined;
    return {
      provider: 'embedded',
      modelId: this.#modelId,
      ready: this.#engine.status().kind === 'ready',
      ...(this.#missing === undefined ? {} : { missing: this.#missing }),
    };
  }

  /** Finds or pulls the model and loads it. Throws only on abort and where a configured model cannot be had. */
  async boot(signal: AbortSignal, onProgress: OnPullProgress): Promise<Booted> {
    try {
      const found = await this.#find(signal, (progress) => {
        this.#missing = `The local model is on its way: ${describeProgress(progress)}. Try again later.`;
        onProgress(progress);
      });
      if (found.kind === 'none') {
        this.#missing = `There is no local model: ${found.reasons.join('; ')}. "${found.pullCommand}" brings one.`;
        return found;
      }
      this.#modelId = found.modelId;
      // From here on the engine itself lets requests wait until it is ready.
      this.#missing = undefined;
      await unlessAborted(this.#engine.load(found.path), signal);
      return { kind: 'ready', modelId: found.modelId, ...(found.note === undefined ? {} : { note: found.note }) };
    } catch (error) {
      if (!signal.aborted) this.#missing = `There is no local model: ${error instanceof Error ? error.message : String(error)}`;
      throw error;
    }
  }

  /** Resolves once a model is there that was not there when `boot` looked, such as one that was pulled meanwhile. Throws on abort. */
  async arrival(signal: AbortSignal): Promise<void> {
    while (!(await this.#hasArrived())) await pause(lookEveryMs, undefined, { signal });
  }

  async #hasArrived(): Promise<boolean> {
    const { model } = this.#settings;
    if (model !== undefined) return (await this.#library.find(model)) !== undefined;
    // A model that the catalogue did not know when the server started could be loaded, but nobody could ask for it.
    const known = new Set(this.#library.known().map(({ id }) => id));
    return (await this.#library.installed()).some(({ id }) => known.has(id));
  }

  async #find(signal: AbortSignal, onProgress: OnPullProgress): Promise<Found> {
    const { model, pull } = this.#settings;
    if (model !== undefined && isPath(model)) {
      if (!existsSync(model)) throw new FlashmuxError('model_not_ready', `engine.model: there is no file ${model}.`);
      return { kind: 'file', modelId: localModelId(model), path: path.resolve(model) };
    }
    if (model !== undefined) {
      const installed =
        (await this.#library.find(model)) ?? (pull ? await this.#library.pull(model, { signal, onProgress }) : undefined);
      return installed === undefined ? this.#none([`${model} is not installed, and engine.pull is off`]) : file(installed);
    }
    if (!pull) {
      const installed = await this.#library.installed();
      return installed[0] === undefined ? this.#none(['no model is installed, and engine.pull is off']) : file(installed[0]);
    }
    const first = await this.#library.firstModel(signal, onProgress);
    if (first.kind === 'ready') return file(first.model);
    return this.#none(first.reasons.map(({ source, reason }) => `${source}: ${reason ?? 'not reachable'}`));
  }

  #none(reasons: readonly string[]): Found & { readonly kind: 'none' } {
    return { kind: 'none', reasons, pullCommand: `flashmux models pull ${this.#modelId}` };
  }
}

const lookEveryMs = 2_000;

/** Loading takes seconds to minutes, and the engine ends it only when it is closed. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(new FlashmuxError('cancelled', 'Interrupted.'));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

type Found =
  | { readonly kind: 'file'; readonly modelId: string; readonly path: string; readonly note?: string }
  | { readonly kind: 'none'; readonly reasons: readonly string[]; readonly pullCommand: string };

function file(model: { readonly id: string; readonly path: string; readonly note?: string | undefined }): Found {
  return { kind: 'file', modelId: model.id, path: model.path, ...(model.note === undefined ? {} : { note: model.note }) };
}

/** Ids have slashes too (`alibaba/qwen3.5-flash`), so a slash alone makes no path. */
function isPath(model: string): boolean {
  return /\.gguf$/i.test(model) || path.isAbsolute(model) || /^\.{1,2}[/\\]/.test(model);
}

/** The catalogue id of a configured model: a file goes by its name without the ending. */
export function localModelId(model: string): string {
  return isPath(model)
    ? path
        .basename(model)
        .replace(/\.gguf$/i, '')
        .toLowerCase()
    : model;
}
