import { workerData } from 'node:worker_threads';
import { z } from 'zod';
import { restoreBackup } from '../../src/store/backup/restore-backup.ts';
import { openSqliteBackupSource } from '../../src/store/backup/sqlite-backup-source.ts';
import { SqliteBackupTarget } from '../../src/store/backup/sqlite-backup-target.ts';
import { writeBackup } from '../../src/store/backup/write-backup.ts';
import { dataFileOf, never } from './backup-place.ts';

// A thread whose memory is limited by who starts it: it backs a data file up and restores it elsewhere.

const { dataFile, backup, home } = z.object({ dataFile: z.string(), backup: z.string(), home: z.string() }).parse(workerData);

const source = openSqliteBackupSource(dataFile);
await writeBackup({ source, file: backup, at: 1, signal: never });
await source.close();
const target = new SqliteBackupTarget(dataFileOf(home), 2);
await restoreBackup({ file: backup, target, placePepper: () => () => undefined, signal: never });
