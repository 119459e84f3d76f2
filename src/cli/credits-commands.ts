import { InvalidArgumentError, Option, type Command } from 'commander';
import { amountFields } from '../admin/amount-fields.ts';
import { describeEntry } from '../admin/describe-entry.ts';
import { usdText } from '../ledger/amount.ts';
import type { NanoUsd } from '../model/money.ts';
import { showAccount } from './show-account.ts';
import { wantsJson, type Context } from './context.ts';
import { hint } from './hint.ts';
import { addGrant } from './grant-command.ts';
import { movementFlags, refOf, topUp, type AccountFlags, type MovementFlags } from './movement.ts';
import { accountOption, limitOption } from './options.ts';
import { readSignedUsd, readUsd } from './read-usd.ts';
import { table } from './terminal.ts';
import { withHome } from './with-home.ts';

export function addCreditsCommands(program: Command, context: Context): void {
  const credits = program.command('credits').description('what accounts have and what they spent');
  addBalance(credits, context);
  addTopUp(credits, context);
  addGrant(credits, context);
  addAdjust(credits, context);
  addRefund(credits, context);
  addLedger(credits, context);
}

function addBalance(credits: Command, context: Context): void {
  credits
    .command('balance')
    .description('what an account has left, holds and has spent')
    .addOption(accountOption())
    .action(async ({ account: named }: AccountFlags, command: Command) => {
      await withHome(context, command, async (home, localAccountId) => {
        await showAccount(named ?? localAccountId, home, context, command);
      });
    });
}

function addTopUp(credits: Command, context: Context): void {
  movementFlags(
    credits.command('topup').description('add credits to an account').argument('<usd>', 'dollars, such as 12.50', readUsd),
  ).action(async (amount: NanoUsd, flags: MovementFlags, command: Command) => {
    await topUp(amount, flags, context, command);
  });
}

function addAdjust(credits: Command, context: Context): void {
  movementFlags(credits.command('adjust').description('correct a balance: credits that come, or go with a minus'))
    .addOption(new Option('--usd <usd>', 'dollars, such as 2.50 or -2.50').argParser(readSignedUsd).makeOptionMandatory())
    .action(async ({ usd: amount, ...flags }: MovementFlags & { readonly usd: NanoUsd }, command: Command) => {
      const { note, account: named } = flags;
      if (note === undefined) return command.error("error: an adjustment says why it was made. Add '--note <text>'.");
      await withHome(context, command, async (home, localAccountId) => {
        const accountId = named ?? localAccountId;
        await home.ledger.adjust(accountId, amount, refOf(flags), note);
        await showAccount(accountId, home, context, command);
      });
    });
}

interface RefundFlags extends Omit<MovementFlags, 'account'> {
  readonly usd?: NanoUsd;
}

function addRefund(credits: Command, context: Context): void {
  const { terminal } = context;
  credits
    .command('refund <request>')
    .description('give back what a request was charged')
    .addOption(new Option('--usd <usd>', 'only so much of it (default: all that is left of it)').argParser(readUsd))
    .option('--ref <ref>', 'names this once and for all: the same again changes nothing')
    .option('--note <text>', 'for those who read the ledger')
    .action(async (requestId: string, { usd, ref, note }: RefundFlags, command: Command) => {
      await withHome(context, command, async ({ ledger }) => {
        const amount = await ledger.refund({
          requestId,
          // Without a name of its own, a request is given back once: who meant to do it twice has to say so.
          ref: ref ?? `refund of ${requestId}`,
          ...(usd === undefined ? {} : { amount: usd }),
          ...(note === undefined ? {} : { note }),
        });
        if (wantsJson(command)) terminal.out(JSON.stringify({ request: requestId, ...amountFields('amount', amount) }));
        else terminal.out(`${usdText(amount)} of ${requestId} given back`);
      });
    });
}

interface LedgerFlags extends AccountFlags {
  readonly limit: number;
  readonly after?: number;
}

function addLedger(credits: Command, context: Context): void {
  const { terminal } = context;
  credits
    .command('ledger')
    .description('every movement on an account, the oldest first')
    .addOption(accountOption())
    .addOption(limitOption(50))
    .addOption(new Option('--after <number>', 'only what came after this entry').argParser(entryNumber))
    .action(async ({ account: named, limit, after }: LedgerFlags, command: Command) => {
      await withHome(context, command, async ({ ledger }, localAccountId) => {
        const { id: accountId } = await ledger.account(named ?? localAccountId);
        const page = { accountId, limit, ...(after === undefined ? {} : { afterSeq: after }) };
        const entries = await ledger.entries(page);
        if (wantsJson(command)) {
          terminal.out(JSON.stringify(entries.map(describeEntry)));
          return;
        }
        for (const line of table(
          ['entry', 'time', 'kind', 'amount', 'ref', 'note'],
          entries.map(({ seq, at, kind, amount, ref, note = '' }) => [
            String(seq),
            new Date(at).toISOString(),
            kind,
            usdText(amount),
            ref,
            note,
          ]),
        ))
          terminal.out(line);
        const last = entries.at(-1);
        if (entries.length < limit || last === undefined) return;
        terminal.say(`More with: ${hint(`flashmux credits ledger --account ${accountId} --after ${last.seq}`)}`);
      });
    });
}

function entryNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It is the number of an entry.');
  return Number(text);
}
