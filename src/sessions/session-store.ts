import type { JsonObject } from '../model/json.ts';
import type { Conversation, ItemList, ItemPage, KeptResponse, KeptStatus } from './kept-response.ts';

/** Where something is, and for whom. */
export interface Owned {
  readonly accountId: string;
  readonly id: string;
}

/** Everything before the next input: a chain of responses, the oldest first. */
export type Chain =
  | { readonly kind: 'chain'; readonly items: readonly JsonObject[] }
  /** The response is not there, or is another account's. */
  | { readonly kind: 'unknown' }
  /** One that came before was removed. */
  | { readonly kind: 'broken'; readonly missingId: string }
  | { readonly kind: 'running'; readonly id: string }
  | { readonly kind: 'too-long'; readonly responses: number; readonly characters: number };

export interface ChainLimits {
  readonly responses: number;
  readonly characters: number;
}

export type ConversationPart =
  | ({ readonly kind: 'items' } & ItemList)
  /** There is no such conversation. */
  | { readonly kind: 'unknown' }
  /** There is no item that the page is to come after. */
  | { readonly kind: 'no-item' }
  | { readonly kind: 'too-long'; readonly characters: number };

/** What a response that ran in the background came to. */
export interface Ending extends Owned {
  readonly status: Exclude<KeptStatus, 'queued' | 'in_progress'>;
  readonly object: JsonObject;
  readonly output: readonly JsonObject[];
  /** The last ones: they are there from the moment on in which it has ended. */
  readonly events: EventTexts;
}

/** The texts of events in the order of their numbers, the first of which is `first`. */
export interface EventTexts {
  readonly responseId: string;
  readonly first: number;
  readonly texts: readonly string[];
}

/**
 * What is kept of responses and conversations. All of it belongs to accounts: what is asked for in the name of another one is not
 * there. Times are Unix milliseconds; what has expired at `at` is not there either.
 */
export interface SessionStore {
  /**
   * Keeps a response and adds its items to its conversation; one in the background is tied to this process. False, and nothing is
   * changed, where the id is taken.
   */
  keep(response: KeptResponse): Promise<boolean>;
  find(owned: Owned, at: number): Promise<KeptResponse | undefined>;
  /** With its items and events. False where there is none. */
  remove(owned: Owned): Promise<boolean>;
  /** Of the response and all before it. Moves the expiry of all of them to `expiresAt`, where that is later. */
  chain(owned: Owned, limits: ChainLimits, at: number, expiresAt: number): Promise<Chain>;
  /** The newest item under each id that there is one of. */
  items(accountId: string, itemIds: readonly string[], at: number): Promise<readonly JsonObject[]>;

  /** The first word has come. False where it is no longer to run. */
  begin(owned: Owned): Promise<boolean>;
  /** False where it had ended already: cancelled, or given up because its process seemed dead. */
  finish(ending: Ending): Promise<boolean>;
  /** False where it does not run (any more). */
  cancel(owned: Owned): Promise<boolean>;
  /** Those among them that are still to run. */
  running(ids: readonly string[]): Promise<readonly string[]>;
  /** Ends those whose process is dead. Gives their ids. */
  giveUpOrphans(): Promise<readonly string[]>;
  addEvents(events: EventTexts): Promise<void>;
  /** Those with numbers above `after`, at most some hundred KB of them. */
  events(responseId: string, after: number): Promise<readonly EventTexts[]>;

  openConversation(conversation: Conversation, items: readonly JsonObject[]): Promise<void>;
  findConversation(owned: Owned, at: number): Promise<Conversation | undefined>;
  describeConversation(owned: Owned, metadata: JsonObject): Promise<boolean>;
  removeConversation(owned: Owned): Promise<boolean>;
  /** A page of its items, or all of them where they have at most so many characters. */
  conversationItems(owned: Owned, part: ItemPage | { readonly mostCharacters: number }, at: number): Promise<ConversationPart>;
  /** False where there is no such conversation. */
  addConversationItems(owned: Owned, items: readonly JsonObject[], expiresAt: number): Promise<boolean>;
  removeConversationItem(owned: Owned, itemId: string): Promise<boolean>;

  /** Forgets what has expired at `at`, a bounded number at a time. Gives how many responses and conversations that were. */
  prune(at: number): Promise<number>;
}
