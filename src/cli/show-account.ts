import type { Command } from 'commander';
import { describeInContext } from '../admin/describe-account.ts';
import type { Home } from '../main/open-home.ts';
import { systemClock } from '../telemetry/clock.ts';
import { accountText } from './account-text.ts';
import { wantsJson, type Context } from './context.ts';

/** Throws `not_found` for an unknown account. */
export async function showAccount(id: string, { ledger }: Home, { terminal }: Context, command: Command): Promise<void> {
  const [account, path, grants] = await Promise.all([ledger.account(id), ledger.path(id), ledger.grants(id)]);
  const shown = { account, path, grants };
  const now = systemClock.now();
  if (wantsJson(command)) terminal.out(JSON.stringify({ account: id, ...describeInContext(shown, now) }));
  else for (const line of accountText(shown, now)) terminal.out(line);
}
