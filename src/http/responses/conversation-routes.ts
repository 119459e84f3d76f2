import { openaiResponsesDialect } from '../../dialects/openai-responses/openai-responses-dialect.ts';
import { readConversation, readItems, readMetadata } from '../../dialects/openai-responses/conversation-bodies.ts';
import { FlashmuxError } from '../../model/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import { idOf } from '../../sessions/item-form.ts';
import type { Conversation } from '../../sessions/kept-response.ts';
import type { Sessions } from '../../sessions/sessions.ts';
import { readJsonBody } from '../read-body.ts';
import { sendJson } from '../reply.ts';
import type { KeyedRoute, KeyedVisit } from '../route.ts';
import { describeList, readItemPage } from './item-pages.ts';

type Answer = (visit: KeyedVisit, id: string) => Promise<JsonObject>;

/** `/v1/conversations` and all below, for the account of the key that asks. */
export function conversationRoutes(sessions: Sessions): readonly KeyedRoute[] {
  return [
    route('POST', '/v1/conversations', async ({ incoming, caller: { accountId } }) => {
      const { metadata, items } = readConversation(await readJsonBody(incoming));
      return described(await sessions.openConversation(accountId, metadata, items));
    }),
    route('GET', '/v1/conversations/{id}', async ({ caller }, id) =>
      described(await sessions.conversation(caller.accountId, id)),
    ),
    route('POST', '/v1/conversations/{id}', async ({ incoming, caller: { accountId } }, id) => {
      const metadata = readMetadata(await readJsonBody(incoming));
      return described(await sessions.describeConversation(accountId, id, metadata));
    }),
    route('DELETE', '/v1/conversations/{id}', async ({ caller }, id) => {
      await sessions.removeConversation(caller.accountId, id);
      return { id, object: 'conversation.deleted', deleted: true };
    }),
    ...itemRoutes(sessions),
  ];
}

function itemRoutes(sessions: Sessions): readonly KeyedRoute[] {
  return [
    route('GET', '/v1/conversations/{id}/items', async ({ incoming, caller: { accountId } }, id) =>
      describeList(await sessions.conversationItems(accountId, id, readItemPage(incoming))),
    ),
    route('POST', '/v1/conversations/{id}/items', async ({ incoming, caller: { accountId } }, id) => {
      const items = await sessions.addConversationItems(accountId, id, readItems(await readJsonBody(incoming)));
      return describeList({ items, hasMore: false });
    }),
    route('GET', '/v1/conversations/{id}/items/{item}', async ({ caller, parameters: { item = '' } }, id) => {
      const { items } = await sessions.conversationItems(caller.accountId, id, 'all');
      const found = items.find((each) => idOf(each) === item);
      if (found !== undefined) return found;
      throw new FlashmuxError('not_found', `Item with id '${item.slice(0, 100)}' not found in this conversation.`, {
        param: 'item_id',
      });
    }),
    route('DELETE', '/v1/conversations/{id}/items/{item}', async ({ caller: { accountId }, parameters: { item = '' } }, id) => {
      await sessions.removeConversationItem(accountId, id, item);
      return described(await sessions.conversation(accountId, id));
    }),
  ];
}

function route(method: KeyedRoute['method'], path: string, answer: Answer): KeyedRoute {
  return {
    method,
    path,
    key: 'required',
    dialect: openaiResponsesDialect,
    answer: async (visit) => sendJson(visit.incoming, 200, await answer(visit, visit.parameters['id'] ?? '')),
  };
}

function described({ id, createdAt, metadata }: Conversation): JsonObject {
  return { id, object: 'conversation', created_at: Math.floor(createdAt / 1000), metadata };
}
