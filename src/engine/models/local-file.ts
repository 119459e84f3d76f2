import { constants, createReadStream } from 'node:fs';
import { copyFile, link, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FlashmuxError } from '../../model/fault.ts';
import { RunningDigest } from './digest.ts';
import { diskFault } from './disk-space.ts';
import { checkGguf } from './gguf-file.ts';
import type { FetchedModel, ModelSource, Workspace } from './model-source.ts';
import { removePartial } from './partial-file.ts';
import { throwIfAborted } from './waiting.ts';

/**
 * A GGUF file on this machine. It is linked into the library, which costs no space, or copied where that is not possible
 * (another disk); the original stays where it is either way.
 */
export function localFileSource(path: string): ModelSource {
  return {
    name: 'file',
    async offer(model) {
      const original = await realpath(path).catch((error: unknown) => {
        throw new FlashmuxError('not_found', `There is no file ${path}. A file at a hub is named by its whole https address.`, {
          param: 'model',
          cause: error,
        });
      });
      const found = await stat(original);
      if (!found.isFile()) throw new FlashmuxError('invalid_request', `${path} is no file.`, { param: 'model' });
      await checkGguf(original);
      return {
        from: [original],
        fetch: (workspace, signal) => take(original, join(workspace.folder, model.file), found.size, workspace, signal),
      };
    },
  };
}

async function take(
  original: string,
  path: string,
  totalBytes: number,
  workspace: Workspace,
  signal: AbortSignal,
): Promise<FetchedModel> {
  await removePartial(path);
  try {
    await link(original, path);
  } catch {
    await workspace.requireSpace(totalBytes);
    await copyFile(original, path, constants.COPYFILE_FICLONE).catch((error: unknown) => {
      throw diskFault(error, path);
    });
  }
  try {
    const digest = new RunningDigest('sha256');
    let receivedBytes = 0;
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
      throwIfAborted(signal);
      if (!(chunk instanceof Uint8Array)) continue;
      digest.add(chunk);
      receivedBytes += chunk.length;
      workspace.report({ phase: 'verifying', receivedBytes, totalBytes });
    }
    return { path, bytes: receivedBytes, sha256: digest.hex() };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}
