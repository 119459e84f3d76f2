import { Command } from 'commander';
import { addAccountsCommands } from './accounts-commands.ts';
import { addBackupCommand } from './backup-command.ts';
import { addConfigCommands } from './config-commands.ts';
import type { Context } from './context.ts';
import { addCreditsCommands } from './credits-commands.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { addKeysCommands } from './keys-commands.ts';
import { addLogsCommand } from './logs-command.ts';
import { addModelsCommands } from './models-commands.ts';
import { addPriceCommand } from './price-command.ts';
import { addRestoreCommand } from './restore-command.ts';
import { addRunCommand } from './run-command.ts';
import { addServeCommand } from './serve-command.ts';
import { addUsageCommand } from './usage-command.ts';
import { version } from './version.ts';
import { addWebhooksCommands } from './webhooks-command.ts';

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
  addAccountsCommands(program, context);
  addCreditsCommands(program, context);
  addUsageCommand(program, context);
  addLogsCommand(program, context);
  addPriceCommand(program, context);
  addBackupCommand(program, context);
  addRestoreCommand(program, context);
  addWebhooksCommands(program, context);
  addConfigCommands(program, context);
  addDoctorCommand(program, context);
  return program;
}
