import { InvalidArgumentError, Option, type Command } from 'commander';
import { grantModels } from '../admin/grant-models.ts';
import type { Gift } from '../ledger/grant.ts';
import type { NanoUsd } from '../model/money.ts';
import { systemClock } from '../telemetry/clock.ts';
import { showAccount } from './show-account.ts';
import type { Context } from './context.ts';
import { withKnownModels } from './known-models.ts';
import { movementFlags, refOf, topUp, type MovementFlags } from './movement.ts';
import { readExpiry } from './read-expiry.ts';
import { readSpan } from './read-span.ts';
import { readUsd } from './read-usd.ts';
import { withHome } from './with-home.ts';

interface GrantFlags extends MovementFlags {
  readonly usd?: NanoUsd;
  readonly tokens?: number;
  readonly models?: readonly string[];
  /** Unix milliseconds. */
  readonly expires?: number;
  readonly renew?: number;
}

export function addGrant(credits: Command, context: Context): void {
  const { terminal } = context;
  movementFlags(
    credits
      .command('grant')
      .description('give credits or tokens that expire')
      .argument('[usd]', 'dollars, such as 5', readUsd)
      .addOption(new Option('--usd <usd>', 'the same as a flag').argParser(readUsd))
      .addOption(new Option('--tokens <n>', 'tokens in place of dollars').argParser(readCount))
      .addOption(new Option('--models <ids>', 'what the tokens are good for (default: every model)').argParser(readList))
      .addOption(
        new Option('--expires <when>', 'a span such as 30d, or a date; without it, dollars are a plain top-up').argParser(
          (text) => readExpiry(text, systemClock.now()),
        ),
      )
      .addOption(new Option('--renew <span>', 'given anew each time that it expires, for this long').argParser(readRenewal)),
  ).action(async (argument: NanoUsd | undefined, flags: GrantFlags, command: Command) => {
    const amount = argument ?? flags.usd;
    refuseContradictions(argument, flags, command);
    if (amount !== undefined && flags.expires === undefined) {
      terminal.say('Without --expires this is a top-up: it stays until it is spent.');
      await topUp(amount, flags, context, command);
      return;
    }
    await give(amount, flags, context, command);
  });
}

/** Ends the command where flags that are right each by itself are not so together. */
function refuseContradictions(argument: NanoUsd | undefined, flags: GrantFlags, command: Command): void {
  const { usd, tokens, models, expires, renew } = flags;
  const gifts = [argument, usd, tokens].filter((gift) => gift !== undefined).length;
  if (gifts !== 1) command.error('error: say what is given, once: dollars (5, or --usd 5) or --tokens 1000000.');
  if (tokens !== undefined && expires === undefined) command.error("error: a grant of tokens expires. Add '--expires 90d'.");
  if (tokens === undefined && models !== undefined)
    command.error("error: '--models' is for --tokens; dollars are good for every model.");
  if (expires === undefined && renew !== undefined) command.error("error: '--renew' is for what expires. Add '--expires 30d'.");
}

async function give(amount: NanoUsd | undefined, flags: GrantFlags, context: Context, command: Command): Promise<void> {
  const { account: named, tokens = 0, models, expires = 0, renew, note } = flags;
  const known =
    models === undefined ? {} : { models: await withKnownModels(context, command, (all) => grantModels(models, all)) };
  const gift: Gift = amount === undefined ? { unit: 'tokens', count: tokens, ...known } : { unit: 'usd', amount };
  await withHome(context, command, async (home, localAccountId) => {
    const accountId = named ?? localAccountId;
    await home.ledger.grant({
      ref: refOf(flags),
      accountId,
      gift,
      expiresAt: expires,
      ...(renew === undefined ? {} : { renewEveryMs: renew }),
      ...(note === undefined ? {} : { note }),
    });
    await showAccount(accountId, home, context, command);
  });
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('Write a whole number from 1.');
  return Number(text);
}

function readList(text: string): readonly string[] {
  const entries = text.split(',').map((entry) => entry.trim());
  if (entries.includes('')) throw new InvalidArgumentError('Write one or more with commas between, and nothing empty.');
  return [...new Set(entries)];
}

function readRenewal(text: string): number {
  const spanMs = readSpan(text);
  if (spanMs === undefined || spanMs === 0) throw new InvalidArgumentError('Write a span such as 30d or 12h.');
  return spanMs;
}
