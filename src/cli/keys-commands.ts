import type { Command } from 'commander';
import { FlashmuxError } from '../model/fault.ts';
import { wantsJson, type Context } from './context.ts';
import { hint } from './hint.ts';
import { accountOption } from './options.ts';
import { table } from './terminal.ts';
import { withHome } from './with-home.ts';

export function addKeysCommands(program: Command, context: Context): void {
  const keys = program.command('keys').description('API keys');
  const { terminal } = context;

  keys
    .command('create')
    .description('make a key; its secret is shown once')
    .option('--name <name>', 'what it is for', 'unnamed')
    .addOption(accountOption())
    .action(async ({ name, account }: { name: string; account?: string }, command: Command) => {
      await withHome(context, command, async ({ access }, localAccountId) => {
        const accountId = account ?? localAccountId;
        const { id, secret } = await access.create({ name, accountId });
        if (wantsJson(command)) terminal.out(JSON.stringify({ id, name, account: accountId, key: secret }));
        else {
          terminal.say(`Key ${id}, shown only now:`);
          terminal.out(secret);
        }
      });
    });

  keys
    .command('ls')
    .description('the keys that are in force')
    .option('--all', 'revoked ones too')
    .action(async ({ all = false }: { all?: boolean }, command: Command) => {
      await withHome(context, command, async ({ access }) => {
        const keysHere = await access.list();
        const shown = keysHere.filter(({ revokedAt }) => all || revokedAt === undefined);
        const rows = shown.map(({ id, name, accountId, createdAt, revokedAt }) => ({
          id,
          name,
          account: accountId,
          created_at: new Date(createdAt).toISOString(),
          revoked_at: revokedAt === undefined ? null : new Date(revokedAt).toISOString(),
        }));
        if (wantsJson(command)) terminal.out(JSON.stringify(rows));
        else if (rows.length === 0) terminal.say(`There is no key. "${hint('flashmux keys create')}" makes one.`);
        else
          for (const line of table(
            ['id', 'name', 'account', 'created', 'revoked'],
            rows.map((row) => [row.id, row.name, row.account, row.created_at, row.revoked_at ?? '-']),
          ))
            terminal.out(line);
      });
    });

  keys
    .command('revoke <id>')
    .description('end a key; running servers refuse it within a second')
    .action(async (id: string, _, command: Command) => {
      await withHome(context, command, async ({ access }) => {
        if (!(await access.revoke(id)))
          throw new FlashmuxError('not_found', `There is no live key "${id}". "${hint('flashmux keys ls')}" lists them.`);
        if (wantsJson(command)) terminal.out(JSON.stringify({ id, revoked: true }));
        else terminal.out(`revoked ${id}`);
      });
    });
}
