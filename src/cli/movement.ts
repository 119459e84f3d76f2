import type { Command } from 'commander';
import type { NanoUsd } from '../model/money.ts';
import { newId } from '../telemetry/ids.ts';
import { showAccount } from './show-account.ts';
import type { Context } from './context.ts';
import { accountOption } from './options.ts';
import { withHome } from './with-home.ts';

export interface AccountFlags {
  readonly account?: string;
}

export interface MovementFlags extends AccountFlags {
  readonly ref?: string;
  readonly note?: string;
}

/** The flags of everything that moves money. */
export function movementFlags(command: Command): Command {
  return command
    .addOption(accountOption())
    .option('--ref <ref>', 'names this once and for all: the same again changes nothing')
    .option('--note <text>', 'for those who read the ledger');
}

/** A command without a name for what it does is done each time that it is called. */
export function refOf({ ref }: MovementFlags): string {
  return ref ?? newId('grant');
}

export async function topUp(amount: NanoUsd, flags: MovementFlags, context: Context, command: Command): Promise<void> {
  await withHome(context, command, async (home, localAccountId) => {
    const accountId = flags.account ?? localAccountId;
    await home.ledger.topUp(accountId, amount, refOf(flags), flags.note);
    await showAccount(accountId, home, context, command);
  });
}
