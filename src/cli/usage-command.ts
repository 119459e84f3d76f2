import { Option, type Command } from 'commander';
import { csvText, usageGroupings, usageReport, usageReportColumns, type UsageReportGrouping } from '../ledger/usage-report.ts';
import { systemClock } from '../telemetry/clock.ts';
import { wantsJson, type Context } from './context.ts';
import { accountOption } from './options.ts';
import { readSince } from './read-since.ts';
import { table } from './terminal.ts';
import { withHome } from './with-home.ts';

interface UsageFlags {
  readonly by: UsageReportGrouping;
  /** Unix milliseconds. */
  readonly since: number;
  readonly account?: string;
  readonly csv?: boolean;
}

export function addUsageCommand(program: Command, context: Context): void {
  const { terminal } = context;
  const now = systemClock.now();
  program
    .command('usage')
    .description('what an account used: requests, tokens, dollars')
    .addOption(new Option('--by <group>', 'one line for each').choices(usageGroupings).default('model'))
    .addOption(
      new Option('--since <when>', 'a span such as 7d or 24h, or a date')
        .argParser((text) => readSince(text, now))
        .default(readSince('30d', now), '30d'),
    )
    .addOption(accountOption())
    .option('--csv', 'as CSV')
    .action(async ({ by: groupBy, since: from, account: named, csv = false }: UsageFlags, command: Command) => {
      await withHome(context, command, async ({ ledger }, localAccountId) => {
        const { id: accountId } = await ledger.account(named ?? localAccountId);
        const rows = await usageReport(ledger, { accountId, groupBy, from, until: systemClock.now() + 1 });
        const columns = usageReportColumns(groupBy);
        if (csv) terminal.write(csvText(columns, rows));
        else if (wantsJson(command)) terminal.out(JSON.stringify(rows));
        else {
          // Nano-dollars are for programs; a person reads the dollars beside them.
          const shown = columns.filter((column) => column !== 'cost_nano_usd');
          const cells = rows.map((row) => shown.map((column) => String(row[column] ?? '-')));
          for (const line of table(shown, cells)) terminal.out(line);
        }
      });
    });
}
