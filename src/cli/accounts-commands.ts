import { Option, type Command } from 'commander';
import { availableNow } from '../admin/available-now.ts';
import { describeAccount } from '../admin/describe-account.ts';
import type { Account, Budget, BudgetPeriod } from '../ledger/account.ts';
import { usdText } from '../ledger/amount.ts';
import type { NanoUsd } from '../model/money.ts';
import { systemClock } from '../telemetry/clock.ts';
import { wantsJson, type Context } from './context.ts';
import { hint } from './hint.ts';
import { limitOption } from './options.ts';
import { readUsd } from './read-usd.ts';
import { showAccount } from './show-account.ts';
import { table } from './terminal.ts';
import { withHome } from './with-home.ts';

export function addAccountsCommands(program: Command, context: Context): void {
  const accounts = program.command('accounts').description('accounts: whose credits a key spends');
  addList(accounts, context);
  addCreate(accounts, context);
  addShow(accounts, context);
  addSet(accounts, context);
}

interface ListFlags {
  readonly parent?: string;
  readonly limit: number;
  readonly after?: string;
}

function addList(accounts: Command, context: Context): void {
  const { terminal } = context;
  accounts
    .command('ls')
    .description('the accounts, by id')
    .option('--parent <id>', 'only those right below this one')
    .addOption(limitOption(50))
    .option('--after <id>', 'only those after this one')
    .action(async ({ parent, limit, after }: ListFlags, command: Command) => {
      await withHome(context, command, async ({ ledger }) => {
        const found = await ledger.accounts({
          limit,
          ...(parent === undefined ? {} : { parentId: parent }),
          ...(after === undefined ? {} : { afterId: after }),
        });
        const now = systemClock.now();
        if (wantsJson(command)) {
          terminal.out(JSON.stringify(found.map((account) => describeAccount(account, now))));
          return;
        }
        const head = ['id', 'parent', 'limit', 'budget', 'available', 'held', 'spent'];
        for (const line of table(
          head,
          found.map((account) => cellsOf(account, now)),
        ))
          terminal.out(line);
        const last = found.at(-1);
        if (found.length < limit || last === undefined) return;
        const below = parent === undefined ? '' : ` --parent ${parent}`;
        terminal.say(`More with: ${hint(`flashmux accounts ls${below} --after ${last.id}`)}`);
      });
    });
}

function cellsOf(account: Account, now: number): readonly string[] {
  const { id, parentId = '-', limit, budget, pending, debits } = account;
  const available = availableNow(account, now);
  return [
    id,
    parentId,
    limit,
    budget === undefined ? '-' : `${usdText(budget.amount)}/${budget.period}`,
    available === null ? 'no limit' : usdText(available),
    usdText(pending),
    usdText(debits),
  ];
}

interface TermFlags {
  readonly overdraft?: NanoUsd;
  readonly budget?: NanoUsd;
  readonly period?: BudgetPeriod;
  /** false: the owner is not told any more. (The parser of commands takes null for a flag without a value.) */
  readonly lowBalance?: NanoUsd | false;
}

function addTermFlags(command: Command): Command {
  return command
    .addOption(new Option('--overdraft <usd>', 'how far below nothing a prepaid account may go').argParser(readUsd))
    .addOption(new Option('--budget <usd>', 'what it may spend in a period').argParser(readUsd))
    .addOption(
      new Option('--period <period>', 'when the budget is there anew, at midnight UTC (default: total, never)').choices([
        'day',
        'week',
        'month',
        'total',
      ]),
    )
    .addOption(
      new Option('--low-balance <usd>', 'tell the webhook when less than this is left, or none').argParser((text) =>
        text === 'none' ? false : readUsd(text),
      ),
    );
}

interface CreateFlags extends TermFlags {
  readonly prepaid?: true;
  readonly parent?: string;
}

function addCreate(accounts: Command, context: Context): void {
  const { terminal } = context;
  const create = accounts
    .command('create <id>')
    .description('make an account; the same again changes nothing')
    .option('--prepaid', 'it may spend what was granted to it, and no more (default: no limit)')
    .option('--parent <id>', 'the account that pays as well for whatever this one spends');
  addTermFlags(create).action(async (id: string, flags: CreateFlags, command: Command) => {
    const { prepaid, parent, overdraft = 0n, budget: amount, period, lowBalance } = flags;
    if (amount === undefined && period !== undefined) refuseLonePeriod(command);
    const isPrepaid = prepaid === true || amount !== undefined;
    await withHome(context, command, async ({ ledger }) => {
      await ledger.openAccount({
        id,
        limit: isPrepaid ? 'prepaid' : 'none',
        overdraft,
        ...(parent === undefined ? {} : { parentId: parent }),
        ...(amount === undefined ? {} : { budget: { amount, period: period ?? 'total' } }),
      });
      if (lowBalance !== undefined) await ledger.changeAccount({ id, lowBalance: markOf(lowBalance) });
      const account = await ledger.account(id);
      if (wantsJson(command)) {
        terminal.out(JSON.stringify(describeAccount(account, systemClock.now())));
        return;
      }
      terminal.out(`${id}: ${termsText(account)}`);
      const isEmpty = isPrepaid && amount === undefined && account.credits === 0n;
      if (isEmpty) terminal.say(`"${hint(`flashmux credits topup 5 --account ${id}`)}" fills it.`);
    });
  });
}

function termsText({ limit, overdraft, budget }: Account): string {
  if (budget !== undefined) return `budget ${usdText(budget.amount)}/${budget.period}, overdraft ${usdText(overdraft)}`;
  return limit === 'prepaid' ? `prepaid, overdraft ${usdText(overdraft)}` : 'no limit';
}

function addShow(accounts: Command, context: Context): void {
  accounts
    .command('show <id>')
    .description('an account, those above it, its budget and its grants')
    .action(async (id: string, _, command: Command) => {
      await withHome(context, command, async (home) => showAccount(id, home, context, command));
    });
}

function addSet(accounts: Command, context: Context): void {
  const set = accounts.command('set <id>').description('change the terms of an account; what is not said stays');
  addTermFlags(set).action(async (id: string, { overdraft, budget, period, lowBalance }: TermFlags, command: Command) => {
    if ([overdraft, budget, period, lowBalance].every((flag) => flag === undefined))
      command.error('error: say what is to change, such as --budget 100.');
    await withHome(context, command, async (home) => {
      const { ledger } = home;
      const changed = budgetOf({ budget, period }, (await ledger.account(id)).budget, command);
      await ledger.changeAccount({
        id,
        ...(overdraft === undefined ? {} : { overdraft }),
        ...(changed === undefined ? {} : { budget: changed }),
        ...(lowBalance === undefined ? {} : { lowBalance: markOf(lowBalance) }),
      });
      await showAccount(id, home, context, command);
    });
  });
}

function markOf(flag: NanoUsd | false): NanoUsd | null {
  return flag === false ? null : flag;
}

interface SaidBudget {
  readonly budget: NanoUsd | undefined;
  readonly period: BudgetPeriod | undefined;
}

/** What was not said of a budget stays as it is. */
function budgetOf({ budget, period }: SaidBudget, before: Budget | undefined, command: Command): Budget | undefined {
  if (budget === undefined && period === undefined) return undefined;
  const amount = budget ?? before?.amount;
  if (amount === undefined) return refuseLonePeriod(command);
  return { amount, period: period ?? before?.period ?? 'total' };
}

function refuseLonePeriod(command: Command): never {
  return command.error("error: option '--period' says when a --budget is there anew. Say that too.");
}
