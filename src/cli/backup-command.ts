import path from 'node:path';
import type { Command } from 'commander';
import type { BackupPlaces } from '../main/backup-places.ts';
import { FlashmuxError } from '../model/fault.ts';
import { systemClock } from '../telemetry/clock.ts';
import { configOf, interruptSignal, wantsJson, type Context } from './context.ts';
import { rowCountsText } from './row-counts-text.ts';

export function addBackupCommand(program: Command, context: Context): void {
  const { terminal } = context;
  program
    .command('backup')
    .description('write everything that is kept into one new file, beside a running server too')
    .argument('<file>', 'where to, such as flashmux-2026-11-02.backup')
    .option('--with-pepper', 'also the secret without which no API key of the backup is valid')
    .action(async (name: string, { withPepper = false }: { readonly withPepper?: boolean }, command: Command) => {
      const { config } = configOf(context, command);
      const [{ backupPlaces }, { writeBackup }] = await Promise.all([
        import('../main/backup-places.ts'),
        import('../store/backup/write-backup.ts'),
      ]);
      const signal = interruptSignal();
      const places = backupPlaces(config);
      const pepper = withPepper ? { pepper: pepperOf(places) } : {};
      const file = path.resolve(name);
      // Taken first, so that what was acknowledged before it is in the backup.
      const at = systemClock.now();
      const source = await places.openSource();
      try {
        const { database, schema } = source;
        const rows = await writeBackup({ source, file, at, signal, ...pepper });
        if (wantsJson(command)) terminal.out(JSON.stringify({ file, database, schema, with_pepper: withPepper, rows }));
        else terminal.out(`Wrote ${file}: ${rowCountsText(rows)}.`);
      } finally {
        await source.close();
      }
      if (!withPepper) {
        terminal.say(
          `Keep a copy of ${places.pepperName} as well: without it no API key of the backup is valid. --with-pepper puts it in.`,
        );
      }
    });
}

function pepperOf({ pepper, pepperName }: BackupPlaces): string {
  const secret = pepper();
  if (secret !== undefined) return secret;
  throw new FlashmuxError('not_found', `There is no pepper file ${pepperName}. Leave out --with-pepper.`);
}
