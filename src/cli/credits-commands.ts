import { InvalidArgumentError, Option, type Command } from 'commander';
import { usdDecimal, usdText } from '../ledger/amount.ts';
import { availableOf } from '../ledger/balance.ts';
import type { Account, Entry } from '../ledger/ledger-store.ts';
import type { JsonObject } from '../model/json.ts';
import type { NanoUsd } from '../model/money.ts';
import { newId } from '../telemetry/ids.ts';
import { wantsJson, type Context } from './context.ts';
import { hint } from './hint.ts';
import { accountOption, limitOption } from './options.ts';
import { readUsd } from './read-usd.ts';
import { table } from './terminal.ts';
import { withHome } from './with-home.ts';

interface AccountFlags {
  readonly account?: string;
}

interface LedgerFlags extends AccountFlags {
  readonly limit: number;
  readonly after?: number;
}

export function addCreditsCommands(program: Command, context: Context): void {
  const credits = program.command('credits').description('what accounts have and what they spent');
  addBalance(credits, context);
  addGrant(credits, context);
  addLedger(credits, context);
}

function addBalance(credits: Command, context: Context): void {
  credits
    .command('balance')
    .description('what an account has left, holds and has spent')
    .addOption(accountOption())
    .action(async ({ account: named }: AccountFlags, command: Command) => {
      await withHome(context, command, async ({ ledger }, localAccountId) => {
        showAccount(await ledger.account(named ?? localAccountId), context, command);
      });
    });
}

function addGrant(credits: Command, context: Context): void {
  credits
    .command('grant')
    .description('add credits to an account')
    .argument('<usd>', 'dollars, such as 12.50', readUsd)
    .addOption(accountOption())
    .option('--ref <ref>', 'names this grant once and for all: the same again changes nothing')
    .action(async (amount: NanoUsd, { account: named, ref }: AccountFlags & { ref?: string }, command: Command) => {
      await withHome(context, command, async ({ ledger }, localAccountId) => {
        const accountId = named ?? localAccountId;
        await ledger.topUp(accountId, amount, ref ?? newId('grant'));
        showAccount(await ledger.account(accountId), context, command);
      });
    });
}

function showAccount(account: Account, { terminal }: Context, command: Command): void {
  const available = availableOf(account);
  if (wantsJson(command)) {
    terminal.out(
      JSON.stringify({
        account: account.id,
        limit: account.limit,
        available_usd: available === null ? null : usdDecimal(available),
        available_nano_usd: available === null ? null : available.toString(),
        held_nano_usd: account.pending.toString(),
        spent_usd: usdDecimal(account.debits),
        spent_nano_usd: account.debits.toString(),
        credited_nano_usd: account.credits.toString(),
        overdraft_nano_usd: account.overdraft.toString(),
      }),
    );
    return;
  }
  const rows = [
    ['account', account.id],
    ['available', available === null ? 'no limit' : usdText(available)],
    ['held by requests in flight', usdText(account.pending)],
    ['spent', usdText(account.debits)],
  ];
  const [, ...lines] = table(['', ''], rows);
  for (const line of lines) terminal.out(line);
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
          terminal.out(JSON.stringify(entries.map(entryJson)));
          return;
        }
        for (const line of table(
          ['entry', 'time', 'kind', 'amount', 'ref'],
          entries.map(({ seq, at, kind, amount, ref }) => [String(seq), isoTime(at), kind, usdText(amount), ref]),
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

function entryJson({ seq, at, kind, amount, ref }: Entry): JsonObject {
  return { entry: seq, time: isoTime(at), kind, amount_nano_usd: amount.toString(), amount_usd: usdDecimal(amount), ref };
}

function isoTime(unixMs: number): string {
  return new Date(unixMs).toISOString();
}
