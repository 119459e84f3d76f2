import { openaiResponsesDialect } from '../../dialects/openai-responses/openai-responses-dialect.ts';
import {
  exactly,
  flag,
  listOf,
  mapOf,
  nullable,
  objectOf,
  option,
  recordOf,
  ref,
  said,
  text,
  wholeFrom,
  wordOf,
} from '../../model/json-schema.ts';
import type { JsonObject } from '../../model/json.ts';
import { generateAbout } from '../generate-about.ts';
import type { AnswerAbout, RouteAbout } from '../route-about.ts';

const path = '/v1/responses';
const created = generateAbout(openaiResponsesDialect, path);
const definitions = created?.definitions ?? {};
const group = created?.group ?? 'Responses';
const id = { id: 'Id of the response.' };
const conversationId = { id: 'Id of the conversation.' };

/** Items as they are kept: those of an input and those of an output. */
const item: JsonObject = { ...objectOf({ type: text, id: text }, ['type', 'id']), additionalProperties: true };
const itemList: JsonObject = recordOf({
  object: exactly('list'),
  data: listOf(item),
  first_id: nullable(text),
  last_id: nullable(text),
  has_more: flag,
});
const page: Readonly<Record<string, JsonObject>> = {
  limit: said('From 1 to 100; 20 where it is not given.', { ...text, pattern: '^\\d{1,3}$' }),
  order: { ...wordOf('asc', 'desc'), default: 'desc' },
  after: said('Id of the item after which to go on.', text),
};

const metadata = option('Up to 16 pairs.', {
  ...mapOf({ ...text, maxLength: 512 }),
  maxProperties: 16,
  propertyNames: { maxLength: 64 },
});
const conversation: JsonObject = recordOf({
  id: text,
  object: exactly('conversation'),
  created_at: said('Unix seconds.', wholeFrom(0)),
  metadata: mapOf(text),
});
const sentItems = listOf(ref('ResponseInputItem'), { maxItems: 20 });

function answers(schema: JsonObject, description = 'As it is now.'): Readonly<Record<string, AnswerAbout>> {
  return { '200': { description, content: { 'application/json': schema } } };
}

function about(operationId: string, summary: string, more: Partial<RouteAbout> & Pick<RouteAbout, 'answers'>): RouteAbout {
  return { operationId, group, summary, faults: ['not_found'], definitions, ...more };
}

const request: NonNullable<RouteAbout['request']> = { schema: ref('ResponseRequest') };

const responses: Readonly<Record<string, RouteAbout>> = {
  'GET /v1/responses/{id}': about('getResponse', 'A response that is kept', {
    parameters: id,
    query: {
      stream: said('Its events instead: those that there are, and those that come until its end.', {
        ...wordOf('true', 'false'),
        default: 'false',
      }),
      starting_after: said('The sequence_number of the last event that is known.', { ...text, pattern: '^\\d{1,9}$' }),
    },
    answers: {
      '200': {
        description: 'As it is now.',
        content: { 'application/json': ref('Response'), 'text/event-stream': ref('ResponseEvent') },
      },
    },
  }),
  'DELETE /v1/responses/{id}': about('deleteResponse', 'Forget a response', {
    parameters: id,
    answers: answers(recordOf({ id: text, object: exactly('response'), deleted: { const: true } }), 'It is gone.'),
  }),
  'POST /v1/responses/{id}/cancel': about('cancelResponse', 'Stop a response that runs in the background', {
    parameters: id,
    answers: answers(ref('Response')),
  }),
  'GET /v1/responses/{id}/input_items': about('listResponseInputItems', 'What a response was asked', {
    parameters: id,
    query: page,
    answers: answers(itemList),
  }),
  'POST /v1/responses/compact': about('compactResponse', 'Make a conversation shorter', {
    description: 'The model itself summarises, so that this is a call like any other, and billed.',
    request,
    faults: 'all',
    answers: answers(
      objectOf(
        {
          id: text,
          object: exactly('response.compaction'),
          created_at: said('Unix seconds.', wholeFrom(0)),
          output: said('The input of the next request: what the user said, and one item that stands for all else.', listOf(item)),
          usage: ref('ResponseUsage'),
          provider: text,
          meta: { type: 'object', additionalProperties: true },
          notices: listOf(ref('Notice')),
        },
        ['id', 'object', 'created_at', 'output'],
      ),
      'The shorter conversation.',
    ),
  }),
  'POST /v1/responses/input_tokens': about('countResponseInputTokens', 'Count the tokens of an input', {
    description: 'Costs nothing.',
    request,
    faults: 'all',
    answers: answers(recordOf({ object: exactly('response.input_tokens'), input_tokens: wholeFrom(0) }), 'The count.'),
  }),
};

const conversations: Readonly<Record<string, RouteAbout>> = {
  'POST /v1/conversations': about('createConversation', 'Open a conversation', {
    request: { schema: objectOf({ metadata, items: said('What was said before.', nullable(sentItems)) }) },
    faults: [],
    answers: answers(conversation, 'It is open.'),
  }),
  'GET /v1/conversations/{id}': about('getConversation', 'A conversation', {
    parameters: conversationId,
    answers: answers(conversation),
  }),
  'POST /v1/conversations/{id}': about('updateConversation', 'Change what a conversation is marked with', {
    parameters: conversationId,
    request: { schema: objectOf({ metadata }) },
    answers: answers(conversation),
  }),
  'DELETE /v1/conversations/{id}': about('deleteConversation', 'Forget a conversation', {
    parameters: conversationId,
    answers: answers(recordOf({ id: text, object: exactly('conversation.deleted'), deleted: { const: true } }), 'It is gone.'),
  }),
  'GET /v1/conversations/{id}/items': about('listConversationItems', 'What was said in a conversation', {
    parameters: conversationId,
    query: page,
    answers: answers(itemList),
  }),
  'POST /v1/conversations/{id}/items': about('createConversationItems', 'Add to a conversation', {
    parameters: conversationId,
    request: { schema: objectOf({ items: nullable(sentItems) }) },
    answers: answers(itemList, 'What was added.'),
  }),
  'GET /v1/conversations/{id}/items/{item}': about('getConversationItem', 'One item of a conversation', {
    parameters: { ...conversationId, item: 'Id of the item.' },
    answers: answers(item),
  }),
  'DELETE /v1/conversations/{id}/items/{item}': about('deleteConversationItem', 'Take an item out of a conversation', {
    parameters: { ...conversationId, item: 'Id of the item.' },
    answers: answers(conversation),
  }),
};

export const responsesAbouts: Readonly<Record<string, RouteAbout>> = {
  ...(created === undefined ? {} : { [`POST ${path}`]: created }),
  ...responses,
  ...conversations,
};
