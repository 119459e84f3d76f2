import type { Command } from 'commander';
import { priceFileSchema } from '../catalogue/price-file.ts';
import { explainConfig } from '../config/explain.ts';
import { configJsonSchema } from '../config/load-config.ts';
import { systemClock } from '../telemetry/clock.ts';
import { configOf, wantsJson, type Context } from './context.ts';
import { withLibrary } from './models-commands.ts';
import { table } from './terminal.ts';

export function addConfigCommands(program: Command, context: Context): void {
  const config = program.command('config').description('the configuration');
  const { terminal } = context;

  config
    .command('check')
    .description('validate flags, environment, file and prices; names line and column of what is wrong')
    .action(async (_, command: Command) => {
      const { file, config: settings } = configOf(context, command);
      const { buildCatalogue } = await import('../main/build-catalogue.ts');
      await withLibrary(context, command, async (library) => {
        await buildCatalogue(settings, library, () => systemClock.now());
      });
      if (wantsJson(command)) terminal.out(JSON.stringify({ ok: true, file: file ?? null }));
      else terminal.out(`ok: ${file ?? 'no file, defaults and environment only'}`);
    });

  config
    .command('explain')
    .description('every setting in force, with where it came from')
    .action((_, command: Command) => {
      const values = explainConfig(configOf(context, command));
      if (wantsJson(command)) terminal.out(JSON.stringify(values));
      else
        for (const line of table(
          ['setting', 'value', 'source'],
          values.map(({ path, shown, source }) => [path, shown, source]),
        ))
          terminal.out(line);
    });

  config
    .command('schema')
    .description('the JSON Schema of flashmux.yaml, for editors')
    .option('--prices', 'that of a price file instead')
    .action(({ prices = false }: { prices?: boolean }) => {
      terminal.out(JSON.stringify(prices ? priceFileSchema() : configJsonSchema(), null, 2));
    });
}
