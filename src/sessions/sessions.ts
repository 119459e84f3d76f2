import type { Json, JsonObject } from '../model/json.ts';
import type { Conversation, ItemList, ItemPage, KeptResponse } from './kept-response.ts';
import type { SessionStore } from './session-store.ts';

/** What a request says of what came before it. */
export interface InputWish {
  readonly accountId: string;
  readonly input: Json | undefined;
  readonly previousId?: string;
  readonly conversationId?: string;
  /** What somebody still has in memory of a response, its input before and its output. */
  readonly recall?: (responseId: string) => readonly JsonObject[] | undefined;
}

export interface SessionInput {
  /** What was kept of the time before, the oldest first. */
  readonly before: readonly JsonObject[];
  /** The request's own input, with the items that it only named. What is no object is the caller's mistake, for the codec to refuse. */
  readonly own: readonly Json[];
}

/** A response whose keeping somebody asked for. */
export interface KeepWish {
  readonly accountId: string;
  readonly previousId?: string;
  readonly conversationId?: string;
  readonly own: readonly Json[];
  /** The whole object, its output included. */
  readonly object: JsonObject;
}

/** What an account has said and heard, where it is kept. Whatever belongs to another account is `not_found`. */
export interface Sessions {
  /** False: nothing is ever kept here. */
  readonly keeps: boolean;
  /** Whether a request that does not say wants its response kept. */
  readonly keepsUnasked: boolean;
  /**
   * Throws `previous_response_not_found`, `not_found` for a conversation or an item, `conflict` for a response that still runs, and
   * `invalid_request` for a chain that is too long.
   */
  input(wish: InputWish): Promise<SessionInput>;
  /** A response as it is kept. Throws `body_too_large` where it is larger than may be kept. */
  form(wish: KeepWish): KeptResponse;
  /** False where it is kept already. Throws what `form` throws. */
  keep(wish: KeepWish): Promise<boolean>;
  response(accountId: string, id: string): Promise<KeptResponse>;
  removeResponse(accountId: string, id: string): Promise<void>;
  inputItems(accountId: string, id: string, page: ItemPage): Promise<ItemList>;

  openConversation(accountId: string, metadata: JsonObject, items: readonly JsonObject[]): Promise<Conversation>;
  conversation(accountId: string, id: string): Promise<Conversation>;
  describeConversation(accountId: string, id: string, metadata: JsonObject): Promise<Conversation>;
  removeConversation(accountId: string, id: string): Promise<void>;
  conversationItems(accountId: string, id: string, page: ItemPage | 'all'): Promise<ItemList>;
  /** Gives the items as they are kept. */
  addConversationItems(accountId: string, id: string, items: readonly JsonObject[]): Promise<readonly JsonObject[]>;
  removeConversationItem(accountId: string, id: string, itemId: string): Promise<void>;

  /** What runs in the background is between the store and whoever runs it. */
  readonly background: Pick<
    SessionStore,
    'begin' | 'finish' | 'cancel' | 'running' | 'giveUpOrphans' | 'addEvents' | 'events' | 'keep'
  >;
  prune(): Promise<number>;
}
