import { InvalidArgumentError, Option, type Command } from 'commander';
import type { KeyInfo, KeyWish } from '../access/key-admin.ts';
import type { Account } from '../ledger/account.ts';
import type { Home } from '../main/open-home.ts';
import { FlashmuxError } from '../model/fault.ts';
import { systemClock } from '../telemetry/clock.ts';
import { wantsJson, type Context } from './context.ts';
import { describeKey, isoTime, keyCells, keyColumns, type ShownKey } from './describe-key.ts';
import { hint } from './hint.ts';
import { addKeyFlags, changesOf, refuseLonePeriod, type KeyFlags } from './key-flags.ts';
import { accountOption } from './options.ts';
import { readSpan } from './read-span.ts';
import { refuseUnknownModels } from './refuse-unknown-models.ts';
import { table } from './terminal.ts';
import { withHome } from './with-home.ts';

export function addKeysCommands(program: Command, context: Context): void {
  const keys = program.command('keys').description('API keys');
  addCreate(keys, context);
  addList(keys, context);
  addUpdate(keys, context);
  addRotate(keys, context);
  addRevoke(keys, context);
}

interface CreateFlags extends KeyFlags {
  readonly name: string;
  readonly account?: string;
}

function addCreate(keys: Command, context: Context): void {
  const { terminal } = context;
  const create = keys
    .command('create')
    .description('make a key; its secret is shown once')
    .option('--name <name>', 'what it is for', 'unnamed')
    .addOption(accountOption());
  addKeyFlags(create, systemClock.now()).action(async (flags: CreateFlags, command: Command) => {
    refuseLonePeriod(flags, command);
    await refuseUnknownModels(flags.models, context, command);
    await withHome(context, command, async ({ access }, localAccountId) => {
      const wish = wishOf(flags, localAccountId);
      const { id, secret } = await access.create(wish);
      if (wantsJson(command)) terminal.out(JSON.stringify({ id, name: wish.name, account: wish.accountId, key: secret }));
      else {
        terminal.say(`Key ${id}, shown only now:`);
        terminal.out(secret);
      }
    });
  });
}

/** A new key has no limit to be taken away. */
function wishOf(flags: CreateFlags, localAccountId: string): KeyWish {
  const { expiresAt, allowedModels, allowedTools, allowedAddresses, budget, ...counts } = changesOf(flags);
  const { requestsPerMinute, tokensPerMinute, maxInFlight } = counts;
  return {
    name: flags.name,
    accountId: flags.account ?? localAccountId,
    ...(isSaid(expiresAt) ? { expiresAt } : {}),
    ...(isSaid(allowedModels) ? { allowedModels } : {}),
    ...(isSaid(allowedTools) ? { allowedTools } : {}),
    ...(isSaid(allowedAddresses) ? { allowedAddresses } : {}),
    ...(isSaid(requestsPerMinute) ? { requestsPerMinute } : {}),
    ...(isSaid(tokensPerMinute) ? { tokensPerMinute } : {}),
    ...(isSaid(maxInFlight) ? { maxInFlight } : {}),
    ...(isSaid(budget) ? { budget } : {}),
  };
}

function isSaid<Value>(value: Value | null | undefined): value is Value {
  return value !== undefined && value !== null;
}

function addUpdate(keys: Command, context: Context): void {
  const { terminal } = context;
  const update = keys
    .command('update <id>')
    .description('change what a key may do; running servers follow within a second')
    .option('--name <name>', 'what it is for');
  addKeyFlags(update, systemClock.now()).action(
    async (id: string, { name, ...flags }: KeyFlags & { readonly name?: string }, command: Command) => {
      refuseLonePeriod(flags, command);
      if (name === undefined && Object.keys(flags).length === 0) command.error('error: say what is to change, such as --rpm 60.');
      await refuseUnknownModels(flags.models, context, command);
      await withHome(context, command, async (home) => {
        const before = await home.access.find(id);
        const { period } = (before === undefined ? undefined : await budgetOf(home, before))?.budget ?? {};
        const changes = { ...changesOf(flags, period), ...(name === undefined ? {} : { name }) };
        const key = await home.access.update(id, changes);
        if (key === undefined) throw noLiveKey(id);
        if (wantsJson(command)) terminal.out(JSON.stringify(describeKey(await shownKey(home, key))));
        else terminal.out(`changed ${id}`);
      });
    },
  );
}

/** The account of its own from which a key spends, where it has a budget. */
async function budgetOf({ ledger }: Home, { budgetId }: KeyInfo): Promise<Account | undefined> {
  return budgetId === undefined ? undefined : await ledger.account(budgetId);
}

async function shownKey(home: Home, key: KeyInfo): Promise<ShownKey> {
  const budget = await budgetOf(home, key);
  return { key, now: systemClock.now(), ...(budget === undefined ? {} : { budget }) };
}

function addList(keys: Command, context: Context): void {
  const { terminal } = context;
  keys
    .command('ls')
    .description('the keys that are in force')
    .option('--all', 'revoked and expired ones too')
    .action(async ({ all = false }: { all?: boolean }, command: Command) => {
      await withHome(context, command, async (home) => {
        const now = systemClock.now();
        const listed = (await home.access.list()).filter((key) => all || isInForce(key, now));
        const rows: ShownKey[] = [];
        for (const key of listed) rows.push(await shownKey(home, key));
        if (wantsJson(command)) terminal.out(JSON.stringify(rows.map(describeKey)));
        else if (rows.length === 0) terminal.say(`There is no key. "${hint('flashmux keys create')}" makes one.`);
        else for (const line of table(keyColumns, rows.map(keyCells))) terminal.out(line);
      });
    });
}

function isInForce({ revokedAt, expiresAt }: KeyInfo, now: number): boolean {
  return revokedAt === undefined && (expiresAt === undefined || now < expiresAt);
}

function addRotate(keys: Command, context: Context): void {
  const { terminal } = context;
  keys
    .command('rotate <id>')
    .description('give a key a new secret, shown once; the one before works on for a while')
    .addOption(
      new Option('--overlap <span>', 'for how long the secret before works on: 24h, 7d, or 0 to end it at once')
        .argParser(readOverlap)
        .default(86_400_000, '24h'),
    )
    .action(async (id: string, { overlap }: { overlap: number }, command: Command) => {
      await withHome(context, command, async ({ access }) => {
        const rotated = await access.rotate(id, overlap);
        if (rotated === undefined) throw noLiveKey(id);
        const until = isoTime(rotated.previousUntil);
        if (wantsJson(command)) terminal.out(JSON.stringify({ id, key: rotated.secret, previous_until: until }));
        else {
          terminal.say(`The new secret of key ${id}, shown only now; the one before works until ${until}:`);
          terminal.out(rotated.secret);
        }
      });
    });
}

function readOverlap(text: string): number {
  const spanMs = text === '0' ? 0 : readSpan(text);
  if (spanMs === undefined) throw new InvalidArgumentError('Write a span such as 24h or 7d, or 0.');
  return spanMs;
}

function addRevoke(keys: Command, context: Context): void {
  const { terminal } = context;
  keys
    .command('revoke <id>')
    .description('end a key; running servers refuse it within a second')
    .action(async (id: string, _, command: Command) => {
      await withHome(context, command, async ({ access }) => {
        if (!(await access.revoke(id))) throw noLiveKey(id);
        if (wantsJson(command)) terminal.out(JSON.stringify({ id, revoked: true }));
        else terminal.out(`revoked ${id}`);
      });
    });
}

function noLiveKey(id: string): FlashmuxError {
  return new FlashmuxError('not_found', `There is no live key "${id}". "${hint('flashmux keys ls')}" lists them.`);
}
