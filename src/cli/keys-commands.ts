import type { Command } from 'commander';
import { FlashmuxError } from '../model/fault.ts';
import { localAccountId, openHome, type Home } from '../main/open-home.ts';
import { configOf, logOf, wantsJson, type Context } from './context.ts';
import { table } from './terminal.ts';

export function addKeysCommands(program: Command, context: Context): void {
  const keys = program.command('keys').description('API keys');
  const { terminal } = context;

  keys
    .command('create')
    .description('make a key; its secret is shown once')
    .option('--name <name>', 'what it is for', 'unnamed')
    .action(async ({ name }: { name: string }, command: Command) => {
      await withHome(context, command, async ({ access }) => {
        const { id, secret } = await access.create({ name, accountId: localAccountId });
        if (wantsJson(command)) terminal.out(JSON.stringify({ id, name, key: secret }));
        else terminal.out(secret);
      });
    });

  keys
    .command('ls')
    .description('list keys')
    .action(async (_, command: Command) => {
      await withHome(context, command, async ({ access }) => {
        const all = await access.list();
        const rows = all.map(({ id, name, createdAt, revokedAt }) => ({
          id,
          name,
          created_at: new Date(createdAt).toISOString(),
          revoked_at: revokedAt === undefined ? null : new Date(revokedAt).toISOString(),
        }));
        if (wantsJson(command)) terminal.out(JSON.stringify(rows));
        else
          for (const line of table(
            ['id', 'name', 'created', 'revoked'],
            rows.map((row) => [row.id, row.name, row.created_at, row.revoked_at ?? '-']),
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
          throw new FlashmuxError('not_found', `There is no live key "${id}". "flashmux keys ls" lists them.`);
        if (wantsJson(command)) terminal.out(JSON.stringify({ id, revoked: true }));
        else terminal.out(`revoked ${id}`);
      });
    });
}

async function withHome(context: Context, command: Command, act: (home: Home) => Promise<void>): Promise<void> {
  const loaded = configOf(context, command);
  const home = await openHome({ folder: loaded.config.home, role: 'guest', log: logOf(loaded) });
  try {
    await act(home);
  } finally {
    await home.close();
  }
}
