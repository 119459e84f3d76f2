import { FlashmuxError } from '../model/fault.ts';
import { millisecondsOfDay } from '../ledger/request-record.ts';
import { wrongQuery } from './read-query.ts';

/** Query parameters of the gateway's spend report, as its client sends them. */
export const spendParameters = [
  'start_date',
  'end_date',
  'group_by',
  'date_part',
  'user_id',
  'model',
  'provider',
  'credential_type',
  'tags',
] as const;

type SpendParameter = (typeof spendParameters)[number];

export interface AskedSpend {
  readonly groupBy: 'day' | 'hour' | 'model' | 'credential_type';
  /** Unix milliseconds: the first moment that counts, and the first that does not. */
  readonly from: number;
  readonly until: number;
  /** Only calls that this model answered. */
  readonly model?: string;
  /** Calls with keys of the caller's own at a provider: there are none here. */
  readonly isOwnKeys: boolean;
}

/** Each hour is a question of its own to the store. */
const maxHourlyDays = 7;

/** Both dates are inclusive. Throws `invalid_request` with the parameter that is wrong, or that asks for what is not kept here. */
export function readSpendQuery(query: Readonly<Partial<Record<SpendParameter, string>>>): AskedSpend {
  const from = readDay('start_date', query.start_date);
  const until = readDay('end_date', query.end_date) + millisecondsOfDay;
  if (from >= until) throw wrongQuery('start_date', '"start_date" must not be after "end_date".');
  for (const unkept of ['user_id', 'provider', 'tags'] as const) {
    if (query[unkept] !== undefined) throw notKept(unkept, `Spend is not kept by ${unkept}. Leave "${unkept}" out.`);
  }
  const groupBy = readGrouping(query);
  if (query.model !== undefined && groupBy !== 'model') {
    throw notKept('model', 'Spend of one model is told for the whole time only. Say group_by=model with it.');
  }
  if (groupBy === 'hour' && until - from > maxHourlyDays * millisecondsOfDay) {
    throw wrongQuery('date_part', `Hours are told for up to ${maxHourlyDays} days.`);
  }
  const { credential_type: credentials } = query;
  if (credentials !== undefined && credentials !== 'byok' && credentials !== 'system') {
    throw wrongQuery('credential_type', '"credential_type" must be one of byok, system.');
  }
  return {
    groupBy,
    from,
    until,
    isOwnKeys: credentials === 'byok',
    ...(query.model === undefined ? {} : { model: query.model }),
  };
}

function readGrouping({
  group_by: groupBy = 'day',
  date_part: datePart,
}: Readonly<Partial<Record<SpendParameter, string>>>): AskedSpend['groupBy'] {
  if (datePart !== undefined && datePart !== 'day' && datePart !== 'hour') {
    throw wrongQuery('date_part', '"date_part" must be one of day, hour.');
  }
  switch (groupBy) {
    case 'day':
      return datePart ?? 'day';
    case 'model':
    case 'credential_type':
      return groupBy;
    case 'user':
    case 'tag':
    case 'provider':
      throw notKept('group_by', `Spend is not kept by ${groupBy}. Group by day, model or credential_type.`);
    default:
      throw wrongQuery('group_by', '"group_by" must be one of day, model, credential_type.');
  }
}

function notKept(param: SpendParameter, message: string): FlashmuxError {
  return new FlashmuxError('unsupported_value', message, { param });
}

/** Unix milliseconds of the first moment of a day of UTC. */
function readDay(param: SpendParameter, text: string | undefined): number {
  const unixMs = text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(unixMs) || unixMs < 0 || new Date(unixMs).toISOString().slice(0, 10) !== text) {
    throw wrongQuery(param, `Give "${param}" as a date such as 2026-11-20.`);
  }
  return unixMs;
}
