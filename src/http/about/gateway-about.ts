import { anyOf, exactly, listOf, objectOf, recordOf, said, text, wholeFrom, wordOf } from '../../model/json-schema.ts';
import type { JsonObject } from '../../model/json.ts';
import type { RouteAbout } from '../route-about.ts';

const count = wholeFrom(0);
const dollars = { type: 'number' };
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
  const rows = ['day', 'hour', 'model', 'credential_type'].map((grouping) => recordOf({ [grouping]: text, ...sums }));
  return {
    operationId: 'getSpendReport',
    group: 'AI SDK gateway',
    summary: 'What the account spent, grouped',
    query: {
      start_date: date('The first day.'),
      end_date: date('The last day.'),
      group_by: { ...wordOf('day', 'model', 'credential_type'), default: 'day' },
      date_part: said('hour: for up to 7 days.', wordOf('day', 'hour')),
      model: said('Only this model; needs group_by=model.', text),
      credential_type: said('byok is nothing here.', wordOf('byok', 'system')),
    },
    answers: {
      '200': {
        description: 'One row for each group.',
        content: { 'application/json': recordOf({ results: listOf(anyOf(...rows)) }) },
      },
    },
    needed: ['start_date', 'end_date'],
    faults: ['unsupported_value'],
  };
}

function date(description: string): JsonObject {
  return said(description, { ...text, format: 'date' });
}
