import type { Command } from 'commander';
import { describeGeneration } from '../http/describe-generation.ts';
import { usdDecimal, usdText } from '../ledger/amount.ts';
import type { LedgerRecords } from '../ledger/ledger-records.ts';
import type { RequestRecord } from '../ledger/request-record.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { Json, JsonObject } from '../model/json.ts';
import { wantsJson, type Context } from './context.ts';
import { hint } from './hint.ts';
import { accountOption, limitOption } from './options.ts';
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
        if (wantsJson(command)) terminal.out(JSON.stringify(records.map(recordJson)));
        else {
          showRecords(records, terminal);
          const last = records.at(-1);
          if (records.length < limit || last === undefined) return;
          terminal.say(`More with: ${hint(`flashmux logs ls --account ${accountId} --before ${last.requestId}`)}`);
        }
      });
    });

  logs
    .command('show <id>')
    .description('everything that is kept of one request, by its id (req_...) or its answer (gen_...)')
    .action(async (id: string, _, command: Command) => {
      await withHome(context, command, async ({ ledger }) => {
        const record = await recordOf(ledger, id);
        if (wantsJson(command)) terminal.out(JSON.stringify(recordJson(record)));
        else showRecord(record, terminal);
      });
    });
}

async function recordOf(ledger: LedgerRecords, id: string): Promise<RequestRecord> {
  const record = await (id.startsWith('gen_') ? ledger.answerRecord(id) : ledger.requestRecord(id));
  if (record === undefined) throw new FlashmuxError('not_found', `There is no record of "${id}".`);
  return record;
}

function recordJson(record: RequestRecord): JsonObject {
  const { requestId, accountId, outcome, at, charged, call } = record;
  return {
    request_id: requestId,
    account: accountId,
    outcome,
    ended_at: new Date(at).toISOString(),
    cost_usd: usdDecimal(charged),
    cost_nano_usd: charged.toString(),
    ...(call === undefined ? {} : { key: call.keyId, ...describeGeneration(record, call) }),
  };
}

function showRecords(records: readonly RequestRecord[], terminal: Terminal): void {
  const rows = records.map(({ requestId, at, outcome, charged, call, usage }) => [
    requestId,
    new Date(at).toISOString(),
    call?.answeringModel ?? '-',
    call?.provider ?? '-',
    call?.fault ?? outcome,
    String(usage?.input.total ?? '-'),
    String(usage?.output.total ?? '-'),
    call === undefined ? '-' : `${call.totalMs} ms`,
    usdText(charged),
  ]);
  const head = ['request', 'ended', 'model', 'host', 'outcome', 'in', 'out', 'took', 'cost'];
  for (const line of table(head, rows)) terminal.out(line);
}

function cellText(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '-' : JSON.stringify(value);
}

function showRecord(record: RequestRecord, terminal: Terminal): void {
  const { bill, call } = record;
  const { cost_lines: _, provider_responses: __, ...fields } = recordJson(record);
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
