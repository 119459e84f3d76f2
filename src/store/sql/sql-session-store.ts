import type { SessionStore } from '../../sessions/session-store.ts';
import type { Perform } from './operations.ts';

/** The port over the named operations. `epochId`: of this process, as it is now. */
export function sqlSessionStore(perform: Perform, epochId: () => string): SessionStore {
  return {
    keep: (response) => perform({ name: 'response.keep', input: { response, epochId: epochId() } }),
    find: (owned, at) => perform({ name: 'response.find', input: { ...owned, at } }),
    remove: (owned) => perform({ name: 'response.remove', input: owned }),
    chain: (owned, limits, at, expiresAt) => perform({ name: 'response.chain', input: { ...owned, limits, at, expiresAt } }),
    items: (accountId, itemIds, at) => perform({ name: 'response.items', input: { accountId, itemIds, at } }),
    begin: (owned) => perform({ name: 'response.begin', input: owned }),
    finish: (ending) => perform({ name: 'response.finish', input: ending }),
    cancel: (owned) => perform({ name: 'response.cancel', input: owned }),
    running: (ids) => perform({ name: 'response.running', input: { ids } }),
    giveUpOrphans: () => perform({ name: 'response.give-up', input: null }),
    addEvents: (events) => perform({ name: 'response.add-events', input: events }),
    events: (responseId, after) => perform({ name: 'response.events', input: { responseId, after } }),
    openConversation: (conversation, items) => perform({ name: 'conversation.open', input: { conversation, items } }),
    findConversation: (owned, at) => perform({ name: 'conversation.find', input: { ...owned, at } }),
    describeConversation: (owned, metadata) => perform({ name: 'conversation.describe', input: { ...owned, metadata } }),
    removeConversation: (owned) => perform({ name: 'conversation.remove', input: owned }),
    conversationItems: (owned, part, at) => perform({ name: 'conversation.items', input: { ...owned, part, at } }),
    addConversationItems: (owned, items, expiresAt) =>
      perform({ name: 'conversation.add', input: { ...owned, items, expiresAt } }),
    removeConversationItem: (owned, itemId) => perform({ name: 'conversation.remove-item', input: { ...owned, itemId } }),
    prune: (at) => perform({ name: 'session.prune', input: { at } }),
  };
}
