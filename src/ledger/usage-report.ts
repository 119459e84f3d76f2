import { usdDecimal } from './amount.ts';
import type { LedgerRecords } from './ledger-records.ts';
import type { ToolSum, UsageGrouping, UsageSpan, UsageSum } from './request-record.ts';

export const usageGroupings = ['model', 'key', 'day', 'provider', 'user', 'tag', 'tool'] as const satisfies readonly (
  | UsageGrouping
  | 'tool'
)[];

export type UsageReportGrouping = (typeof usageGroupings)[number];

export interface UsageReportQuery extends UsageSpan {
  readonly groupBy: UsageReportGrouping;
}

/** A line of the report, as JSON and CSV have it. The first column is called as the grouping is. */
export type UsageReportRow = Readonly<Record<string, string | number | null>>;

/**
 * What an account used, for callers and for the command line alike. Costs are told twice: whole nano-dollars as text, because a
 * number of JSON would lose digits, and dollars as decimal text.
 */
export async function usageReport(
  records: Pick<LedgerRecords, 'usage' | 'toolUsage'>,
  { groupBy, ...span }: UsageReportQuery,
): Promise<readonly UsageReportRow[]> {
  if (groupBy === 'tool') return (await records.toolUsage(span)).map(toolRow);
  return (await records.usage({ ...span, groupBy })).map((sum) => usageRow(groupBy, sum));
}

/** The columns in their order. */
export function usageReportColumns(groupBy: UsageReportGrouping): readonly string[] {
  if (groupBy === 'tool') return Object.keys(toolRow({ tool: '', requests: 0, calls: 0, billed: 0n }));
  const nothing = { requests: 0, inputTokens: 0, cacheReadTokens: 0, outputTokens: 0, reasoningTokens: 0, charged: 0n };
  return Object.keys(usageRow(groupBy, nothing));
}

function usageRow(groupBy: UsageGrouping, sum: UsageSum): UsageReportRow {
  return {
    [groupBy]: sum.group ?? null,
    requests: sum.requests,
    input_tokens: sum.inputTokens,
    cache_read_tokens: sum.cacheReadTokens,
    output_tokens: sum.outputTokens,
    reasoning_tokens: sum.reasoningTokens,
    cost_nano_usd: sum.charged.toString(),
    cost_usd: usdDecimal(sum.charged),
  };
}

function toolRow({ tool, requests, calls, billed }: ToolSum): UsageReportRow {
  return { tool, requests, calls, cost_nano_usd: billed.toString(), cost_usd: usdDecimal(billed) };
}

/** RFC 4180: lines end in CR LF, texts with a comma, a quote or a line break stand in quotes. */
export function csvText(columns: readonly string[], rows: readonly UsageReportRow[]): string {
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))];
  return lines.map((cells) => `${cells.map((cell) => csvCell(String(cell))).join(',')}\r\n`).join('');
}

function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
