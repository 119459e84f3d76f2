import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { describeRecord } from '../admin/describe-record.ts';
import type { RequestRecord } from '../ledger/request-record.ts';
import { interruptSignal, wantsJson, type Context } from './context.ts';
import { NewRecords } from './new-records.ts';
import { accountOption, limitOption } from './options.ts';
import { recordCells, recordColumns } from './record-cells.ts';
import { withHome } from './with-home.ts';

interface TailFlags {
  readonly account?: string;
  readonly limit: number;
  readonly follow: boolean;
}

/** Between two looks; a look costs a read of the newest rows. */
const everyMs = 1_000;

export function addTail(logs: Command, context: Context): void {
  const { terminal } = context;
  logs
    .command('tail')
    .description('the newest requests of an account, and then each as it ends, until Ctrl-C')
    .addOption(accountOption())
    .addOption(limitOption(10))
    .option('--no-follow', 'end after the newest ones')
    .action(async ({ account: named, limit, follow }: TailFlags, command: Command) => {
      const asJson = wantsJson(command);
      const show = (records: readonly RequestRecord[]): void => {
        for (const record of records) terminal.out(asJson ? JSON.stringify(describeRecord(record)) : lineOf(recordCells(record)));
      };
      await withHome(context, command, async ({ ledger }, localAccountId) => {
        const { id: accountId } = await ledger.account(named ?? localAccountId);
        const records = new NewRecords(ledger, accountId);
        if (!asJson) terminal.out(lineOf(recordColumns));
        show((await records.next()).slice(-limit));
        if (!follow) return;
        const signal = interruptSignal();
        while (await passes(everyMs, signal)) {
          show(await records.next());
          if (records.overflowed) terminal.say('More requests ended at once than are looked at; some are not shown here.');
        }
      });
    });
}

/** Columns that later lines will fit into too: their widths cannot be those of rows that are still to come. */
const widths = [30, 24, 24, 12, 18, 7, 7, 9];

function lineOf(cells: readonly string[]): string {
  return cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
}

/** True once the time is over; false where the signal ended it. */
async function passes(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
