import type { JsonObject } from '../model/json.ts';

/** `queued` and `in_progress`: in the background, by a process that may be another one. */
export type KeptStatus = 'queued' | 'in_progress' | 'completed' | 'incomplete' | 'failed' | 'cancelled';

/** One response as it is kept. Times are Unix milliseconds. */
export interface KeptResponse {
  readonly id: string;
  /** Whose it is: for everybody else it does not exist. */
  readonly accountId: string;
  readonly status: KeptStatus;
  /** The response whose input and output came before its own. */
  readonly previousId?: string;
  /** The conversation whose items came before, and which its own items were added to. */
  readonly conversationId?: string;
  readonly createdAt: number;
  /** When it is forgotten. A response that goes on from it moves this away. */
  readonly expiresAt: number;
  /** Of the request, where it came with an idempotency key to the background: the same key with another one is a mistake. */
  readonly fingerprint?: string;
  /** The response object without its output. */
  readonly object: JsonObject;
  /** Its own input, in order; what came before belongs to the responses before. Each item has an id. */
  readonly input: readonly JsonObject[];
  readonly output: readonly JsonObject[];
}

export interface Conversation {
  readonly id: string;
  readonly accountId: string;
  /** Up to 16 pairs. */
  readonly metadata: JsonObject;
  readonly createdAt: number;
  /** When it is forgotten; every use moves this away. */
  readonly expiresAt: number;
}

/** Which items of a list: those after (or in descending order, before) the item `after`, at most `limit`. */
export interface ItemPage {
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  readonly after?: string;
}

export interface ItemList {
  readonly items: readonly JsonObject[];
  readonly hasMore: boolean;
}

export function isRunning(status: KeptStatus): boolean {
  return status === 'queued' || status === 'in_progress';
}

const statuses: readonly unknown[] = ['queued', 'in_progress', 'completed', 'incomplete', 'failed', 'cancelled'];

export function isKeptStatus(value: unknown): value is KeptStatus {
  return statuses.includes(value);
}
