import { Option, type Command } from 'commander';
import { usdText } from '../ledger/amount.ts';
import type { NanoUsd } from '../model/money.ts';
import { wantsJson, type Context } from './context.ts';
import { hint } from './hint.ts';
import { readUsd } from './read-usd.ts';
import { withHome } from './with-home.ts';

interface CreateFlags {
  readonly prepaid?: boolean;
  readonly overdraft?: NanoUsd;
}

export function addAccountsCommands(program: Command, { terminal, ...rest }: Context): void {
  const accounts = program.command('accounts').description('accounts: whose credits a key spends');

  accounts
    .command('create <id>')
    .description('make an account; the same again changes nothing')
    .option('--prepaid', 'it may spend what was granted to it, and no more (default: no limit)')
    .addOption(new Option('--overdraft <usd>', 'how far below nothing a prepaid account may go').argParser(readUsd))
    .action(async (id: string, { prepaid = false, overdraft = 0n }: CreateFlags, command: Command) => {
      await withHome({ terminal, ...rest }, command, async ({ ledger }) => {
        const account = await ledger.openAccount({ id, limit: prepaid ? 'prepaid' : 'none', overdraft });
        if (wantsJson(command)) {
          terminal.out(JSON.stringify({ id, limit: account.limit, overdraft_nano_usd: account.overdraft.toString() }));
          return;
        }
        terminal.out(`${id}: ${prepaid ? `prepaid, overdraft ${usdText(account.overdraft)}` : 'no limit'}`);
        if (prepaid && account.credits === 0n) terminal.say(`"${hint(`flashmux credits grant 5 --account ${id}`)}" fills it.`);
      });
    });
}
