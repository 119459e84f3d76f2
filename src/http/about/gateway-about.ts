import { anyOf, exactly, listOf, objectOf, recordOf, said, text, wholeFrom, wordOf } from '../../model/json-schema.ts';
import type { JsonObject } from '../../model/json.ts';
import type { RouteAbout } from '../route-about.ts';
import { credentialTypes, dateParts, spendGroupings } from '../spend-query.ts';

const count = wholeFrom(0);
const dollars = { type: 'number' };
const filter = { ...text, minLength: 1 };
const price = said('Dollars for one token, as decimal text.', text);

export const gatewayAbouts: Readonly<Record<string, RouteAbout>> = Object.fromEntries([
  ...([3, 4] as const).map((version): [string, RouteAbout] => [
    `GET /v${version}/ai/config`,
    {
      operationId: `listGatewayModelsV${version}`,
      group: 'AI SDK gateway',
      summary: 'The models that the key may call',
      answers: {
        '200': {
          description: 'As the AI SDK reads them.',
          content: { 'application/json': recordOf({ models: listOf(gatewayModel(version)) }) },
        },
      },
    },
  ]),
  ['GET /v1/report', reportAbout()],
]);

function gatewayModel(version: 3 | 4): JsonObject {
  return recordOf({
    id: text,
    name: text,
    description: text,
    pricing: objectOf({ input: price, output: price, input_cache_read: price, input_cache_write: price }, ['input', 'output']),
    specification: recordOf({ specificationVersion: exactly(`v${version}`), provider: text, modelId: text }),
    modelType: exactly('language'),
  });
}

function reportAbout(): RouteAbout {
  const sums = {
    total_cost: said('Dollars.', dollars),
    input_tokens: count,
    output_tokens: count,
    cached_input_tokens: count,
    reasoning_tokens: count,
    request_count: count,
  };
  const rows = ['day', 'hour', 'credential_type'].map((grouping) => recordOf({ [grouping]: text, ...sums }));
  // Without its column: what was used by calls that did not say.
  const told = ['user', 'model', 'tag', 'provider'].map((grouping) => objectOf({ [grouping]: text, ...sums }, Object.keys(sums)));
  return {
    operationId: 'getSpendReport',
    group: 'AI SDK gateway',
    summary: 'What the account spent, grouped',
    query: {
      start_date: date('The first day.'),
      end_date: date('The last day.'),
      group_by: { ...wordOf(...spendGroupings), default: 'day' },
      date_part: said('hour: one row for each hour; goes with group_by=day.', wordOf(...dateParts)),
      user_id: said('Only calls that named this user.', filter),
      model: said('Only calls that this model answered, by its id here.', filter),
      provider: said('Only calls that this host answered.', filter),
      credential_type: said(
        "Only calls with keys of the caller's own (byok), or with those of this server.",
        wordOf(...credentialTypes),
      ),
      tags: said('Only calls that have all of these tags, with commas between them. Up to 10.', filter),
    },
    answers: {
      '200': {
        description: 'One row for each group.',
        content: { 'application/json': recordOf({ results: listOf(anyOf(...rows, ...told)) }) },
      },
    },
    needed: ['start_date', 'end_date'],
  };
}

function date(description: string): JsonObject {
  return said(description, { ...text, format: 'date' });
}
