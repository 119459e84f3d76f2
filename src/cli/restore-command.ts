import path from 'node:path';
import type { Command } from 'commander';
import { systemClock } from '../telemetry/clock.ts';
import { configOf, interruptSignal, wantsJson, type Context } from './context.ts';
import { rowCountsText } from './row-counts-text.ts';

export function addRestoreCommand(program: Command, context: Context): void {
  const { terminal } = context;
  program
    .command('restore')
    .description('make an empty data folder, or an empty database, from a backup')
    .argument('<file>', 'what "flashmux backup" wrote')
    .action(async (name: string, _, command: Command) => {
      const { config } = configOf(context, command);
      const [{ backupPlaces }, { restoreBackup }] = await Promise.all([
        import('../main/backup-places.ts'),
        import('../store/backup/restore-backup.ts'),
      ]);
      const places = backupPlaces(config);
      const signal = interruptSignal();
      const file = path.resolve(name);
      const { head, rows } = await restoreBackup({
        file,
        target: places.target(systemClock.now()),
        placePepper: places.placePepper,
        signal,
      });
      const createdAt = new Date(head.createdAt).toISOString();
      if (wantsJson(command)) terminal.out(JSON.stringify({ file, created_at: createdAt, from_schema: head.schema, rows }));
      else terminal.out(`Restored the backup of ${createdAt} into ${places.name}: ${rowCountsText(rows)}.`);
      if (places.pepper() === undefined) {
        terminal.say(
          `The pepper was not in it. Copy yours to ${places.pepperName} before the first start, or no API key will be valid.`,
        );
      }
    });
}
