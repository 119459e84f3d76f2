import type { KnownModel } from './known-models.ts';

export type SourceName = 'hugging-face' | 'modelscope' | 'npm' | 'url' | 'file';

/** A place that models come from. */
export interface ModelSource {
  readonly name: SourceName;
  /**
   * Asks the source for the model, without fetching it: a short question over the network at most. Undefined: the source does not
   * offer it. Throws FlashmuxError `upstream_failed`, `upstream_timeout` or `upstream_refused` where the source does not answer.
   */
  offer(model: WantedModel, signal: AbortSignal): Promise<ModelOffer | undefined>;
}

/** What is asked for: a model from the list, or a file that only its address names. */
export interface WantedModel {
  readonly id: string;
  /** Name that the file will have on disk. */
  readonly file: string;
  readonly known?: KnownModel;
}

export interface ModelOffer {
  /** Address, path, or package names with versions: goes into the manifest. */
  readonly from: readonly string[];
  /**
   * Brings the file to `workspace.folder`, going on from what an earlier try left there, and checks its sum where one is known.
   * Throws like `offer`; `cancelled` on abort, and then what has arrived stays for the next try.
   */
  fetch(workspace: Workspace, signal: AbortSignal): Promise<FetchedModel>;
}

export interface FetchedModel {
  readonly path: string;
  readonly bytes: number;
  /** Lower-case hex, computed here over every byte. */
  readonly sha256: string;
}

/** What a fetch may use of the library around it. */
export interface Workspace {
  /** The folder of this model's unfinished files. It exists. */
  readonly folder: string;
  report(step: PullStep): void;
  /** Throws `model_not_ready` where the disk has no room for so many more bytes. */
  requireSpace(bytesToCome: number): Promise<void>;
}

export type PullPhase = 'waiting' | 'locating' | 'downloading' | 'unpacking' | 'verifying';

export interface PullStep {
  readonly phase: PullPhase;
  readonly receivedBytes: number;
  /** Absent: nobody told. */
  readonly totalBytes?: number;
}
