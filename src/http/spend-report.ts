import type { LedgerRecords } from '../ledger/ledger-records.ts';
import type { UsageGrouping, UsageSum } from '../ledger/request-record.ts';
import type { JsonObject } from '../model/json.ts';
import type { AskedSpend } from './spend-query.ts';
import { usdNumber } from './usd-number.ts';

const millisecondsOfHour = 3_600_000;

/** The rows of the gateway's spend report: sums of what an account used, by day or hour of UTC, by model, or all in one. */
export async function spendReport(
  records: Pick<LedgerRecords, 'usage'>,
  accountId: string,
  { groupBy, from, until, model, isOwnKeys }: AskedSpend,
): Promise<readonly JsonObject[]> {
  // Nobody calls with keys of their own here, so nothing was ever spent with them.
  if (isOwnKeys) return [];
  const sums = (grouping: UsageGrouping, start = from, end = until): Promise<readonly UsageSum[]> =>
    records.usage({ accountId, from: start, until: end, groupBy: grouping });
  switch (groupBy) {
    case 'day':
      return (await sums('day')).map((sum) => row({ day: sum.group ?? '' }, [sum]));
    case 'model': {
      const rows = (await sums('model')).filter(({ group }) => model === undefined || group === model);
      return rows.map((sum) => row({ model: sum.group ?? '' }, [sum]));
    }
    case 'credential_type': {
      const all = await sums('model');
      return all.length === 0 ? [] : [row({ credential_type: 'system' }, all)];
    }
    case 'hour': {
      const rows: JsonObject[] = [];
      for (let start = from; start < until; start += millisecondsOfHour) {
        const hour = await sums('model', start, start + millisecondsOfHour);
        if (hour.length > 0) rows.push(row({ hour: new Date(start).toISOString() }, hour));
      }
      return rows;
    }
  }
}

function row(head: JsonObject, sums: readonly UsageSum[]): JsonObject {
  const total = (of: (sum: UsageSum) => number): number => sums.reduce((all, sum) => all + of(sum), 0);
  return {
    ...head,
    total_cost: usdNumber(sums.reduce((all, { charged }) => all + charged, 0n)),
    input_tokens: total((sum) => sum.inputTokens),
    output_tokens: total((sum) => sum.outputTokens),
    cached_input_tokens: total((sum) => sum.cacheReadTokens),
    reasoning_tokens: total((sum) => sum.reasoningTokens),
    request_count: total((sum) => sum.requests),
  };
}
