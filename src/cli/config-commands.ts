import type { Command } from 'commander';
import { explainConfig } from '../config/explain.ts';
import { configJsonSchema } from '../config/load-config.ts';
import { configOf, wantsJson, type Context } from './context.ts';
import { table } from './terminal.ts';

export function addConfigCommands(program: Command, context: Context): void {
  const config = program.command('config').description('the configuration');
  const { terminal } = context;

  config
    .command('check')
    .description('validate flags, environment and file; names line and column of what is wrong')
    .action((_, command: Command) => {
      const { file } = configOf(context, command);
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
    .action(() => terminal.out(JSON.stringify(configJsonSchema(), null, 2)));
}
