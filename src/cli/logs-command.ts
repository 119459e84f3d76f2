import type { Command } from 'commander';
import { describeRecord } from '../admin/describe-record.ts';
import { usdText } from '../ledger/amount.ts';
import type { LedgerRecords } from '../ledger/ledger-records.ts';
import type { RequestRecord } from '../ledger/request-record.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { Json } from '../model/json.ts';
import { wantsJson, type Context } from './context.ts';
import { hint } from './hint.ts';
import { addTail } from './logs-tail.ts';
import { accountOption, limitOption } from './options.ts';
import { recordCells, recordColumns } from './record-cells.ts';
import { table, type Terminal } from './terminal.ts';
import { withHome } from './with-home.ts';

interface ListFlags {
  readonly account?: string;
  readonly limit: number;
  readonly before?: string;
}

export function addLogsCommand(program: Command, context: Context): void {
  const logs = program.command('logs').description('the record of each request: what it used and cost, never what was said');
  const { terminal } = context;

  logs
    .command('ls')
    .description('the requests of an account, the newest first')
    .addOption(accountOption())
    .addOption(limitOption(20))
    .option('--before <request id>', 'only requests that ended before this one')
    .action(async ({ account: named, limit, before }: ListFlags, command: Command) => {
      await withHome(context, command, async ({ ledger }, localAccountId) => {
        const { id: accountId } = await ledger.account(named ?? localAccountId);
        const place = before === undefined ? {} : { before: await recordOf(ledger, before) };
        const records = await ledger.requestRecords({ accountId, limit, ...place });
        if (wantsJson(command)) terminal.out(JSON.stringify(records.map(describeRecord)));
        else {
          showRecords(records, terminal);
          const last = records.at(-1);
          if (records.length < limit || last === undefined) return;
          terminal.say(`More with: ${hint(`flashmux logs ls --account ${accountId} --before ${last.requestId}`)}`);
        }
      });
    });

  addTail(logs, context);

  logs
    .command('show <id>')
    .description('everything that is kept of one request, by its id (req_...) or its answer (gen_...)')
    .action(async (id: string, _, command: Command) => {
      await withHome(context, command, async ({ ledger }) => {
        const record = await recordOf(ledger, id);
        if (wantsJson(command)) terminal.out(JSON.stringify(describeRecord(record)));
        else showRecord(record, terminal);
      });
    });
}

async function recordOf(ledger: LedgerRecords, id: string): Promise<RequestRecord> {
  const record = await (id.startsWith('req_') ? ledger.requestRecord(id) : ledger.answerRecord(id));
  if (record === undefined) throw new FlashmuxError('not_found', `There is no record of "${id}".`);
  return record;
}

function showRecords(records: readonly RequestRecord[], terminal: Terminal): void {
  for (const line of table(recordColumns, records.map(recordCells))) terminal.out(line);
}

function cellText(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '-' : JSON.stringify(value);
}

function showRecord(record: RequestRecord, terminal: Terminal): void {
  const { bill, call } = record;
  const { cost_lines: _, provider_responses: __, ...fields } = describeRecord(record);
  const [, ...lines] = table(
    ['', ''],
    Object.entries(fields).map(([name, value]) => [name, cellText(value)]),
  );
  for (const line of lines) terminal.out(line);
  if (call !== undefined) {
    terminal.out('');
    const attempts = call.attempts.map(({ provider, model, durationMs, fault = 'ok' }) => [
      provider,
      model,
      `${durationMs} ms`,
      fault,
    ]);
    for (const line of table(['attempt', 'model', 'took', 'outcome'], attempts)) terminal.out(line);
  }
  if (bill === undefined) return;
  terminal.out('');
  const costs = bill.lines.map(({ meter, quantity, rate, amount }) => [
    meter,
    String(quantity),
    `$${rate.usd} for ${rate.per}`,
    usdText(amount),
  ]);
  for (const line of table(['meter', 'quantity', 'rate', 'cost'], costs)) terminal.out(line);
}
