import { InvalidArgumentError, Option, type Command } from 'commander';
import type { KeyBudget, KeyChanges } from '../access/key-admin.ts';
import type { NanoUsd } from '../model/money.ts';
import { readExpiry } from './read-expiry.ts';
import { readUsd } from './read-usd.ts';

/** The flags that say what a key may do, the same for a new key and for one that changes. false: without that limit. */
export interface KeyFlags {
  /** Unix milliseconds. */
  readonly expires?: number | false;
  readonly models?: readonly string[] | false;
  readonly tools?: readonly string[] | false;
  readonly addresses?: readonly string[] | false;
  readonly rpm?: number | false;
  readonly tpm?: number | false;
  readonly concurrency?: number | false;
  readonly budget?: NanoUsd | false;
  readonly budgetPeriod?: KeyBudget['period'];
}

/** `now` in Unix milliseconds. */
export function addKeyFlags(command: Command, now: number): Command {
  // The library would make a null of ours an empty text.
  const flag = (flags: string, about: string, word: string, read: (text: string) => unknown): void => {
    command.addOption(new Option(flags, about).argParser((text) => (text === word ? false : read(text))));
  };
  flag('--expires <when>', 'a span such as 30d or 12h, a date, or never', 'never', (text) => readExpiry(text, now));
  flag('--models <ids>', 'the only models it may call: ids with commas between, or all', 'all', readList);
  flag('--tools <names>', 'the only server-side tools it may use: names, none, or all', 'all', readTools);
  flag('--addresses <blocks>', 'from where it may be used: addresses and blocks such as 10.0.0.0/8, or all', 'all', readList);
  flag('--rpm <n>', 'requests in any minute, or none for no limit', 'none', readCount);
  flag('--tpm <n>', 'tokens in any minute, in and out, or none for no limit', 'none', readCount);
  flag('--concurrency <n>', "requests at the same time, or none for the server's limit", 'none', readCount);
  flag('--budget <usd>', 'what it may spend in a period, or none for all that its account has', 'none', readUsd);
  return command.addOption(
    new Option('--budget-period <period>', 'when the budget is there anew, at midnight UTC (default: total, never)').choices([
      'day',
      'week',
      'month',
      'total',
    ]),
  );
}

/** Ends the command where flags that are right each by itself are not so together. */
export function refuseLonePeriod({ budget, budgetPeriod }: KeyFlags, command: Command): void {
  if (budgetPeriod === undefined || (budget !== undefined && budget !== false)) return;
  command.error("error: option '--budget-period' says when a --budget is there anew. Say that too.");
}

/** `period`: that of the budget where the flags do not say one. */
export function changesOf(flags: KeyFlags, period: KeyBudget['period'] = 'total'): KeyChanges {
  const { expires, models, tools, addresses, rpm, tpm, concurrency, budget, budgetPeriod } = flags;
  return {
    ...(expires === undefined ? {} : { expiresAt: orNull(expires) }),
    ...(models === undefined ? {} : { allowedModels: orNull(models) }),
    ...(tools === undefined ? {} : { allowedTools: orNull(tools) }),
    ...(addresses === undefined ? {} : { allowedAddresses: orNull(addresses) }),
    ...(rpm === undefined ? {} : { requestsPerMinute: orNull(rpm) }),
    ...(tpm === undefined ? {} : { tokensPerMinute: orNull(tpm) }),
    ...(concurrency === undefined ? {} : { maxInFlight: orNull(concurrency) }),
    ...(budget === undefined
      ? {}
      : { budget: budget === false ? null : { amountNanoUsd: budget, period: budgetPeriod ?? period } }),
  };
}

function orNull<Value>(value: Value | false): Value | null {
  return value === false ? null : value;
}

function readList(text: string): readonly string[] {
  const entries = text.split(',').map((entry) => entry.trim());
  if (entries.includes('')) throw new InvalidArgumentError('Write one or more with commas between, and nothing empty.');
  return [...new Set(entries)];
}

function readTools(text: string): readonly string[] {
  return text === 'none' ? [] : readList(text);
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('Write a whole number from 1.');
  return Number(text);
}
