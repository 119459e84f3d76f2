import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../config/schema.ts';
import type { LocalEngine } from '../engine/local-engine.ts';
import type { ModelLibrary } from '../engine/models/model-library.ts';
import type { OnPullProgress } from '../engine/models/progress.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { LocalModel as RoutedModel } from '../routing/routing.ts';

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

  constructor(settings: Config['engine'], engine: LocalEngine, library: ModelLibrary, defaultModelId: string) {
    this.#settings = settings;
    this.#engine = engine;
    this.#library = library;
    this.#modelId = settings.model === undefined ? defaultModelId : localModelId(settings.model);
  }

  /** For routing: who would answer locally, and whether it can yet. */
  routed(): RoutedModel | undefined {
    if (!this.#settings.enabled) return undefined;
    return { provider: 'embedded', modelId: this.#modelId, ready: this.#engine.status().kind === 'ready' };
  }

  /** Finds or pulls the model and loads it. Throws only on abort and where a configured model cannot be had. */
  async boot(signal: AbortSignal, onProgress: OnPullProgress): Promise<Booted> {
    const found = await this.#find(signal, onProgress);
    if (found.kind === 'none') return found;
    this.#modelId = found.modelId;
    await this.#engine.load(found.path);
    return { kind: 'ready', modelId: found.modelId, ...(found.note === undefined ? {} : { note: found.note }) };
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

type Found =
  | { readonly kind: 'file'; readonly modelId: string; readonly path: string; readonly note?: string }
  | { readonly kind: 'none'; readonly reasons: readonly string[]; readonly pullCommand: string };

function file(model: { readonly id: string; readonly path: string; readonly note?: string | undefined }): Found {
  return { kind: 'file', modelId: model.id, path: model.path, ...(model.note === undefined ? {} : { note: model.note }) };
}

function isPath(model: string): boolean {
  return model.endsWith('.gguf') || model.includes(path.sep);
}

/** The catalogue id of a configured model: a file goes by its name without the ending. */
export function localModelId(model: string): string {
  return isPath(model) ? path.basename(model, '.gguf').toLowerCase() : model;
}
