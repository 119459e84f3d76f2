import { faults } from '../../model/fault.ts';
import {
  anyOf,
  exactly,
  flag,
  listOf,
  nullable,
  objectOf,
  recordOf,
  ref,
  said,
  text,
  wholeFrom,
  wordOf,
} from '../../model/json-schema.ts';
import type { JsonObject } from '../../model/json.ts';
import { usageGroupings } from '../../ledger/usage-report.ts';
import type { RouteAbout } from '../route-about.ts';

const group = 'Account';
const count = wholeFrom(0);
const milliseconds = said('Milliseconds.', { type: 'number', minimum: 0 });
const dollars = said('Dollars.', { type: 'number' });
const dollarText = said('Dollars as decimal text, exact.', { ...text, pattern: '^-?\\d+\\.\\d{2,9}$' });
const nanoText = said('Whole billionths of a dollar, as text.', { ...text, pattern: '^-?\\d+$' });
const moment = { ...text, format: 'date-time' };
const faultCode = said('The fault that ended it; null where none did.', nullable(wordOf(...Object.keys(faults))));

const creditsAbout: RouteAbout = {
  operationId: 'getCredits',
  group,
  summary: 'What the account of the key has left',
  answers: {
    '200': {
      description: 'The balance. An account without a limit is told as what it paid in less what it spent.',
      content: { 'application/json': recordOf({ balance: dollarText, total_used: dollarText, is_limited: flag }) },
    },
  },
};

export const keyFields: JsonObject = {
  usage: said('All that the key spent. Dollars.', dollars),
  usage_daily: said('Since midnight UTC.', dollars),
  usage_weekly: said('Since Monday, UTC.', dollars),
  usage_monthly: said('Since the first of the month, UTC.', dollars),
  limit: said('Budget of the key for one period; null: none of its own.', nullable(dollars)),
  limit_remaining: nullable(dollars),
  limit_reset: nullable(wordOf('daily', 'weekly', 'monthly')),
  expires_at: nullable(moment),
  is_free_tier: { const: false },
  is_management_key: { const: false },
  label: text,
  id: text,
};

const keyAbout: RouteAbout = {
  operationId: 'getKey',
  group,
  summary: 'What the key has spent and may still spend',
  answers: { '200': { description: 'The key.', content: { 'application/json': recordOf({ data: recordOf(keyFields) }) } } },
  faults: ['not_found'],
};

export const generation: JsonObject = {
  id: said('Id of the answer.', text),
  request_id: text,
  model: said('The model that answered.', nullable(text)),
  requested_model: said('The model that was asked for.', text),
  provider_name: said('The host that answered.', nullable(text)),
  created_at: moment,
  streamed: flag,
  cancelled: said('The caller left before the end.', flag),
  finish_reason: text,
  error: faultCode,
  is_byok: said('The host was called with a key of the caller.', flag),
  external_user: said('The user that the call named; null where it named none.', nullable(text)),
  tags: said('What the call was for, in its own words.', listOf(text)),
  total_cost: dollars,
  usage: dollars,
  cost_usd: dollarText,
  cost_nano_usd: nanoText,
  upstream_inference_cost: said('Without tools.', dollars),
  price_list: nullable(text),
  cost_lines: said(
    'The bill; its lines sum to the cost.',
    listOf(
      recordOf({
        meter: said('What was counted, such as input-text or tool:web_search.', text),
        quantity: count,
        usd: said('Dollars for so many units.', text),
        per: wholeFrom(1),
        cost_usd: dollarText,
      }),
    ),
  ),
  latency: said('Until the first token. Milliseconds.', milliseconds),
  generation_time: milliseconds,
  native_tokens_prompt: count,
  native_tokens_completion: count,
  native_tokens_reasoning: count,
  native_tokens_cached: count,
  native_tokens_cache_creation: count,
  estimated: said('The tokens were counted here, because the host told none.', flag),
  billable_web_search_calls: count,
  provider_responses: said(
    'Every host that was asked, in order.',
    listOf(recordOf({ provider_name: text, model: text, latency: milliseconds, error: faultCode })),
  ),
};

const generationAbout: RouteAbout = {
  operationId: 'getGeneration',
  group,
  summary: 'What became of one call: tokens, bill, hosts, times',
  query: { id: said('Id of an answer of this account: `gen_...`.', { ...text, minLength: 1 }) },
  needed: ['id'],
  answers: { '200': { description: 'The call.', content: { 'application/json': recordOf({ data: ref('Generation') }) } } },
  faults: ['not_found'],
  definitions: { Generation: recordOf(generation) },
};

const usageRow: JsonObject = {
  requests: count,
  input_tokens: count,
  cache_read_tokens: count,
  output_tokens: count,
  reasoning_tokens: count,
  cost_nano_usd: nanoText,
  cost_usd: dollarText,
};

function rowOf(grouping: string): JsonObject {
  return objectOf({ [grouping]: nullable(text), ...usageRow }, [grouping, ...Object.keys(usageRow)]);
}

const toolRow = recordOf({ tool: text, requests: count, calls: count, cost_nano_usd: nanoText, cost_usd: dollarText });

const day = (description: string): JsonObject => said(`${description} A date (UTC), or a time with its zone.`, text);

const usageAbout: RouteAbout = {
  operationId: 'getUsage',
  group,
  summary: 'What the account used, grouped',
  query: {
    from: day('The first moment that counts; the full hour in which the last 30 days before `to` begin where it is not given.'),
    to: day('The first moment that does not count; now where it is not given.'),
    group_by: { ...wordOf(...usageGroupings), default: 'model' },
    format: { ...wordOf('json', 'csv'), default: 'json' },
  },
  answers: {
    '200': {
      description: 'One row for each group.',
      content: {
        'application/json': recordOf({
          object: exactly('list'),
          from: moment,
          to: moment,
          group_by: wordOf(...usageGroupings),
          data: listOf(anyOf(...usageGroupings.map((grouping) => (grouping === 'tool' ? toolRow : rowOf(grouping))))),
        }),
        'text/csv': said('The same rows; the first line names the columns.', text),
      },
    },
  },
};

export const accountAbouts: Readonly<Record<string, RouteAbout>> = {
  'GET /v1/credits': creditsAbout,
  'GET /v1/key': keyAbout,
  'GET /v1/generation': generationAbout,
  'GET /v1/usage': usageAbout,
};
