import { millisecondsOfDay, millisecondsOfHour } from '../../ledger/request-record.ts';
import type { Credential, UsageGrouping } from '../../ledger/request-record.ts';
import { attributionLimits } from '../../model/attribution-limits.ts';
import { spanText } from './span-text.ts';
import { toolSums, usageSums } from './summed-tables.ts';

// Texts of queries, made once: a database prepares each of them once.

/** Each tag of a filter has a parameter of its own. */
export const tagPlaces = Array.from({ length: attributionLimits.tags }, (_, place) => place);

const credential = `CASE WHEN used_own_key = 1 THEN ${word('byok')} ELSE ${word('system')} END`;

function word(name: Credential): string {
  return `'${name}'`;
}

/** What a call did not say is null in its record and an empty text in the sums; a call that was refused before has a host without a name. */
const groups: Readonly<Record<UsageGrouping, string>> = {
  model: `NULLIF(answering_model, '')`,
  key: `NULLIF(key_id, '')`,
  // Days and hours are counted since 1970: a division of integers, which cuts off on every database.
  day: `at / ${millisecondsOfDay}`,
  hour: `at / ${millisecondsOfHour}`,
  provider: `NULLIF(provider, '')`,
  user: 'end_user',
  // Whole sets of tags, which are taken apart afterwards.
  tag: 'tags',
  credential,
};

/** An empty text stands for "whatever it is", so that the text of a query depends on its grouping alone. */
function kindFilters(first: number): readonly string[] {
  return [`provider = $${first}`, `answering_model = $${first + 1}`, `${credential} = $${first + 2}`].map(
    (condition, place) => `($${first + place} = '' OR ${condition})`,
  );
}

function sumText(grouping: UsageGrouping, rows: string): string {
  const sums = Object.keys(usageSums.counts).map((count) => `SUM(parts.${count}) AS ${count}`);
  return `SELECT ${groups[grouping]} AS grouped, ${sums.join(', ')} FROM (${rows}) AS parts
    GROUP BY 1 HAVING SUM(parts.requests) > 0 ORDER BY 1 NULLS FIRST`;
}

/** From the sums of an account: `$1` to `$7` as `spanText` has them, then provider, model and credential. */
export const usageOfAccount = summedTexts((grouping) => sumText(grouping, spanText(usageSums, kindFilters(8))));

/**
 * The same of one key, which is `$11`, by the index of keys: SQLite would rather look through all keys of the account, and so it is told
 * the account in a way that leads to no row.
 */
export const usageOfKey = summedTexts((grouping) => {
  const whose = { sums: `key_id = $11 AND account_id || '' = $1`, records: 'account_id = $1 AND key_id = $11' };
  return sumText(grouping, spanText(usageSums, kindFilters(8), whose));
});

/**
 * From the records themselves, which alone know users and tags: account, span, provider, model, credential, key, user, tags. What is
 * left of the tags without a mark tells whether it was there, in words that both databases have and that tell cases apart.
 */
export const usageOfRecords = allTexts((grouping) => {
  const filters = [
    ...kindFilters(4),
    `($7 = '' OR key_id = $7)`,
    `($8 = '' OR end_user = $8)`,
    ...tagPlaces.map((place) => `($${place + 9} = '' OR REPLACE(tags, $${place + 9}, '') <> tags)`),
  ];
  const counts = Object.entries(usageSums.counts).map(([name, count]) => `${count} AS ${name}`);
  return sumText(
    grouping,
    `SELECT ended_at AS at, ${[...usageSums.kinds, 'end_user', 'tags', ...counts].join(', ')} FROM request_records
     WHERE account_id = $1 AND ended_at >= $2 AND ended_at < $3 AND ${filters.join(' AND ')}`,
  );
});

type TextOf = (grouping: UsageGrouping) => string;

/** What the sums are kept apart by can be told from them. */
export type SummedGrouping = Exclude<UsageGrouping, 'user' | 'tag'>;

function summedTexts(textOf: TextOf): Readonly<Record<SummedGrouping, string>> {
  return {
    model: textOf('model'),
    key: textOf('key'),
    day: textOf('day'),
    hour: textOf('hour'),
    provider: textOf('provider'),
    credential: textOf('credential'),
  };
}

function allTexts(textOf: TextOf): Readonly<Record<UsageGrouping, string>> {
  return { ...summedTexts(textOf), user: textOf('user'), tag: textOf('tag') };
}

/** `$1` to `$7` as `spanText` has them. */
export const toolsOfAccount = `SELECT tool, SUM(parts.requests) AS requests, SUM(parts.calls) AS calls, SUM(parts.billed) AS billed
  FROM (${spanText(toolSums)}) AS parts GROUP BY tool HAVING SUM(parts.requests) > 0 ORDER BY tool`;
