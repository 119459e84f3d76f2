import { FlashmuxError } from '../model/fault.ts';
import type { JsonObject } from '../model/json.ts';
import type { Clock } from '../model/ports.ts';
import { keptItem, objectsIn } from './item-form.ts';
import type { Conversation } from './kept-response.ts';
import { ownItems } from './own-items.ts';
import { noItemAfter } from './page-of.ts';
import type { SessionStore } from './session-store.ts';
import type { Sessions } from './sessions.ts';

export interface ConversationOptions {
  readonly store: SessionStore;
  readonly clock: Pick<Clock, 'now'>;
  readonly newId: (prefix: 'conv' | 'item') => string;
  readonly keepMs: number;
  readonly expiresAt: () => number;
}

type Conversations = Pick<
  Sessions,
  | 'openConversation'
  | 'conversation'
  | 'describeConversation'
  | 'removeConversation'
  | 'conversationItems'
  | 'addConversationItems'
  | 'removeConversationItem'
>;

/** Lists of items under a name of their own, which responses begin from and are added to. */
export function conversationRules({ store, clock, newId, keepMs, expiresAt }: ConversationOptions): Conversations {
  const find = async (accountId: string, id: string): Promise<Conversation> => {
    const found = await store.findConversation({ accountId, id }, clock.now());
    if (found === undefined) throw unknown(id);
    return found;
  };
  /** The items themselves, each with an id, and none with an id that another one was given here. */
  const named = async (accountId: string, items: readonly JsonObject[]): Promise<readonly JsonObject[]> => {
    const stem = newId('item');
    const whole = await ownItems(items, (ids) => store.items(accountId, ids, clock.now()));
    return objectsIn(whole).map((item, index) => keptItem(item, stem, index));
  };
  return {
    async openConversation(accountId, metadata, items) {
      if (keepMs === 0) throw nothingIsKept();
      const id = newId('conv');
      const conversation = { id, accountId, metadata, createdAt: clock.now(), expiresAt: expiresAt() };
      await store.openConversation(conversation, await named(accountId, items));
      return conversation;
    },
    conversation: find,
    async describeConversation(accountId, id, metadata) {
      if (!(await store.describeConversation({ accountId, id }, metadata))) throw unknown(id);
      return find(accountId, id);
    },
    async removeConversation(accountId, id) {
      if (!(await store.removeConversation({ accountId, id }))) throw unknown(id);
    },
    async conversationItems(accountId, id, page) {
      const wanted = page === 'all' ? { mostCharacters } : page;
      const part = await store.conversationItems({ accountId, id }, wanted, clock.now());
      switch (part.kind) {
        case 'items':
          return part;
        case 'unknown':
          throw unknown(id);
        case 'no-item':
          throw noItemAfter();
        case 'too-long':
          throw tooLong(part.characters);
      }
    },
    async addConversationItems(accountId, id, items) {
      const kept = await named(accountId, items);
      if (!(await store.addConversationItems({ accountId, id }, kept, expiresAt()))) throw unknown(id);
      return kept;
    },
    async removeConversationItem(accountId, id, itemId) {
      await find(accountId, id);
      if (await store.removeConversationItem({ accountId, id }, itemId)) return;
      throw new FlashmuxError('not_found', `Item with id '${itemId.slice(0, 100)}' not found in this conversation.`, {
        param: 'item_id',
      });
    },
  };
}

/** Of the items that a response goes on from. */
const mostCharacters = 32 * 1024 * 1024;

function tooLong(characters: number): FlashmuxError {
  const message = `The conversation has ${characters} characters, a response can go on from ${mostCharacters}. Begin another one.`;
  return new FlashmuxError('invalid_request', message, { param: 'conversation' });
}

function unknown(id: string): FlashmuxError {
  return new FlashmuxError('not_found', `Conversation with id '${id.slice(0, 100)}' not found.`, { param: 'conversation' });
}

/** For whatever cannot be without being kept. */
export function nothingIsKept(param?: string): FlashmuxError {
  const message =
    'This server keeps no responses and no conversations (responses.keep_days is 0). Send the whole input each time.';
  return new FlashmuxError('unsupported_value', message, param === undefined ? {} : { param });
}
