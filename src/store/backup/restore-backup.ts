import { FlashmuxError } from '../../model/fault.ts';
import type { BackupTarget } from './backup-ports.ts';
import { readBackup, verifyBackup } from './read-backup.ts';
import type { WholeBackup } from './read-backup.ts';

export interface RestoreWish {
  readonly file: string;
  readonly target: BackupTarget;
  /** Keeps the pepper of the backup, and returns what takes it away again. */
  readonly placePepper: (pepper: string) => () => void;
  readonly signal: AbortSignal;
}

/**
 * Makes a store from a backup, or leaves everything as it was. The file is read twice: to its closing line first, so that nothing is
 * made from one that is damaged. Throws `conflict` where there is a store already or the backup is of a newer flashmux, `not_found`
 * and `invalid_request` for the file.
 */
export async function restoreBackup({ file, target, placePepper, signal }: RestoreWish): Promise<WholeBackup> {
  let takePepperBack: (() => void) | undefined;
  try {
    const whole = await verifyBackup(file, signal);
    const { schema, pepper } = whole.head;
    if (schema > target.newestSchema) throw ofNewer(file, schema, target.newestSchema);
    await target.begin(schema);
    for await (const piece of readBackup(file, signal)) {
      if (piece.kind === 'rows') await target.insert(piece.table, piece.rows);
      if (piece.kind === 'end' && piece.end.sha256 !== whole.sha256) throw changed(file);
    }
    await target.check();
    signal.throwIfAborted();
    // Before the store is one: a server that started between the two would make a pepper of its own.
    if (pepper !== undefined) takePepperBack = placePepper(pepper);
    await target.finish();
    return whole;
  } catch (error) {
    takePepperBack?.();
    throw signal.aborted ? new FlashmuxError('cancelled', 'Interrupted. Nothing was restored.', { cause: error }) : error;
  } finally {
    await target.discard();
  }
}

function ofNewer(file: string, schema: number, newestSchema: number): FlashmuxError {
  return new FlashmuxError(
    'conflict',
    `The backup ${file} is of a newer flashmux (schema ${schema}, this one knows ${newestSchema}). Restore it with that version or a later one.`,
  );
}

function changed(file: string): FlashmuxError {
  return new FlashmuxError('conflict', `The backup ${file} was replaced while it was read. Nothing was restored. Try again.`);
}
