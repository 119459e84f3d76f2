import { Command } from 'commander';
import { addConfigCommands } from './config-commands.ts';
import type { Context } from './context.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { addKeysCommands } from './keys-commands.ts';
import { addModelsCommands } from './models-commands.ts';
import { addRunCommand } from './run-command.ts';
import { addServeCommand } from './serve-command.ts';
import { version } from './version.ts';

/** The command line. Every command takes the shared flags; `--json` gives machine-readable results on standard output. */
export function createProgram(context: Context): Command {
  const program = new Command('flashmux')
    .description('A self-hosted model API platform.')
    .version(version)
    .option('-c, --config <file>', 'configuration file (default: flashmux.yaml in this folder, where there is one)')
    .option('--home <folder>', 'data folder (default: ~/.flashmux, or FLASHMUX_HOME)')
    .option('--json', 'results as JSON')
    .showHelpAfterError()
    .configureOutput({
      writeOut: (text) => context.terminal.write(text),
      writeErr: (text) => context.terminal.say(text.trimEnd()),
    })
    .exitOverride();
  addServeCommand(program, context);
  addRunCommand(program, context);
  addModelsCommands(program, context);
  addKeysCommands(program, context);
  addConfigCommands(program, context);
  addDoctorCommand(program, context);
  return program;
}
