import { join } from 'node:path';
import { requireModelId } from './model-id.ts';

/** The folders of the library under the data folder. */
export function libraryFolders(home: string): LibraryFolders {
  const models = join(home, 'models');
  const partial = join(models, '.partial');
  return {
    models,
    partial,
    of: (id) => join(models, requireModelId(id)),
    unfinishedOf: (id) => join(partial, requireModelId(id)),
    readyOf: (id) => join(partial, `${requireModelId(id)}.ready`),
    lockOf: (id) => join(partial, `${requireModelId(id)}.lock`),
  };
}

export interface LibraryFolders {
  readonly models: string;
  /** On the same disk as the models, so that finishing one is a rename. */
  readonly partial: string;
  of(id: string): string;
  unfinishedOf(id: string): string;
  /** Where a model stands complete for the moment before it is moved into place. */
  readyOf(id: string): string;
  lockOf(id: string): string;
}
