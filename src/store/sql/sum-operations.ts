import { millisecondsOfDay, millisecondsOfHour, toolsOf } from '../../ledger/request-record.ts';
import type { RequestRecord } from '../../ledger/request-record.ts';
import { summedTokens } from './record-rows.ts';
import { query } from './statement.ts';
import type { Operation, SqlValue } from './statement.ts';
import { toolSums, usageSums } from './summed-tables.ts';
import type { SummedTable } from './summed-tables.ts';

/** What is added to one row of an hour, and to one of its day. */
interface Addition {
  /** Account, hour and day, then the kinds of the table, in its order. */
  readonly place: readonly SqlValue[];
  readonly counts: readonly bigint[];
}

/**
 * Adds records to the sums of their hours and days, so that look-ups need not count records. Part of the transaction that writes the
 * records, which has locked their account: nobody else adds to the same rows meanwhile.
 */
export function* addToSums(records: readonly RequestRecord[]): Operation<void> {
  for (const { place, counts } of together(records.map(usageOf))) yield* query(addUsage, ...place, ...counts);
  for (const { place, counts } of together(records.flatMap(toolsIn))) yield* query(addTool, ...place, ...counts);
}

function usageOf(record: RequestRecord): Addition {
  const { accountId, charged, at, call } = record;
  const { input, cacheRead, output, reasoning } = summedTokens(record);
  const ownKey = call?.usedOwnKey === true ? 1n : 0n;
  return {
    place: [accountId, ...beginnings(at), call?.keyId ?? '', call?.answeringModel ?? '', call?.provider ?? '', ownKey],
    counts: [1n, charged, input ?? 0n, cacheRead ?? 0n, output ?? 0n, reasoning ?? 0n],
  };
}

function toolsIn({ accountId, at, bill }: RequestRecord): readonly Addition[] {
  if (bill === undefined) return [];
  return toolsOf(bill).map(({ tool, calls, billed }) => ({
    place: [accountId, ...beginnings(at), tool],
    counts: [1n, BigInt(calls), billed],
  }));
}

function beginnings(at: number): readonly SqlValue[] {
  return [at - (at % millisecondsOfHour), at - (at % millisecondsOfDay)].map(BigInt);
}

/** Requests that end in one group are mostly of one hour, key and model: they are one addition. */
function together(additions: readonly Addition[]): Iterable<Addition> {
  if (additions.length < 2) return additions;
  const added = new Map<string, Addition>();
  for (const addition of additions) {
    const { place, counts } = addition;
    const name = place.join('\u0000');
    const before = added.get(name);
    const sum = before?.counts.map((count, position) => count + (counts[position] ?? 0n));
    added.set(name, sum === undefined ? addition : { place, counts: sum });
  }
  return added.values();
}

const addUsage = addText(usageSums);
const addTool = addText(toolSums);

/** Both rows by one statement, whose values are those of an addition. */
function addText({ name, kinds, counts }: SummedTable): string {
  const key = ['account_id', 'unit', 'starts_at', ...kinds];
  const sums = Object.keys(counts);
  const values = [...kinds, ...sums].map((_, place) => `$${place + 4}`).join(', ');
  return `INSERT INTO ${name} (${[...key, ...sums].join(', ')})
    VALUES ($1, 'hour', $2, ${values}), ($1, 'day', $3, ${values})
    ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${sums.map((sum) => `${sum} = ${name}.${sum} + excluded.${sum}`).join(', ')}`;
}
