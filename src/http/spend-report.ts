import type { LedgerRecords } from '../ledger/ledger-records.ts';
import type { JsonObject } from '../model/json.ts';
import { groupingOf, type AskedSpend } from './spend-query.ts';
import { usdNumber } from './usd-number.ts';

/** The rows of the gateway's spend report. What was used without saying for whom or for what is a row without its column. */
export async function spendReport(
  records: Pick<LedgerRecords, 'usage'>,
  accountId: string,
  { column, ...asked }: AskedSpend,
): Promise<readonly JsonObject[]> {
  const sums = await records.usage({ accountId, groupBy: groupingOf[column], ...asked });
  return sums.map(({ group, charged, requests, inputTokens, outputTokens, cacheReadTokens, reasoningTokens }) => ({
    ...(group === undefined ? {} : { [column]: group }),
    total_cost: usdNumber(charged),
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    cached_input_tokens: cacheReadTokens,
    reasoning_tokens: reasoningTokens,
    request_count: requests,
  }));
}
