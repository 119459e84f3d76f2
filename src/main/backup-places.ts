import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../config/schema.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { BackupSource, BackupTarget } from '../store/backup/backup-ports.ts';
import { placePepper } from '../store/backup/place-pepper.ts';
import { openPostgresBackupSource } from '../store/backup/postgres-backup-source.ts';
import { PostgresBackupTarget } from '../store/backup/postgres-backup-target.ts';
import { openSqliteBackupSource } from '../store/backup/sqlite-backup-source.ts';
import { SqliteBackupTarget } from '../store/backup/sqlite-backup-target.ts';
import { StagedTarget } from '../store/backup/staged-target.ts';
import { loadPepper } from '../store/pepper.ts';

/** What a backup is made of and a restore is made into, as the configuration says. */
export interface BackupPlaces {
  /** Words for a person. */
  readonly name: string;
  readonly openSource: () => Promise<BackupSource>;
  /** `at`: Unix milliseconds. */
  readonly target: (at: number) => BackupTarget;
  /** Where the pepper lies, or will: words for a person. */
  readonly pepperName: string;
  /** As hex. Undefined where there is none yet: neither command makes one. */
  readonly pepper: () => string | undefined;
  /** Makes the pepper of a backup the one that is there, and returns what takes it away again. Throws `conflict` for another. */
  readonly placePepper: (pepper: string) => () => void;
}

export function backupPlaces({ home, database: { url, pepper } }: Config): BackupPlaces {
  const dataFile = path.join(home, 'flashmux.db');
  const secret = pepper === undefined ? pepperInFile(path.join(home, 'pepper')) : pepperInSettings(pepper);
  if (url === undefined) {
    return {
      name: home,
      openSource: async () => openSqliteBackupSource(dataFile),
      target: (at) => new SqliteBackupTarget(dataFile, at),
      ...secret,
    };
  }
  const stage = path.join(home, 'restoring.db');
  return {
    name: 'the database of DATABASE_URL',
    openSource: () => openPostgresBackupSource(url),
    target: (at) => new StagedTarget(new PostgresBackupTarget(url, at), stage, at),
    ...secret,
  };
}

type PepperPlace = Pick<BackupPlaces, 'pepperName' | 'pepper' | 'placePepper'>;

function pepperInFile(file: string): PepperPlace {
  return {
    pepperName: file,
    pepper: () => {
      if (!existsSync(file)) return undefined;
      return Buffer.from(loadPepper(file, () => new Uint8Array())).toString('hex');
    },
    placePepper: (pepper) => placePepper(file, pepper),
  };
}

/** The settings say it, so there is nothing to place. */
function pepperInSettings(pepper: string): PepperPlace {
  return {
    pepperName: 'FLASHMUX_PEPPER',
    pepper: () => pepper,
    placePepper: (other) => {
      if (other === pepper) return () => undefined;
      throw new FlashmuxError(
        'conflict',
        'FLASHMUX_PEPPER is not the pepper of the backup, so the keys of the backup would not be valid. Leave it unset for the restore.',
      );
    },
  };
}
