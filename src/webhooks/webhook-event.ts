import type { JsonObject } from '../model/json.ts';

/** What the operator's own server is told. */
export interface WebhookEvent {
  /** `evt_...`; the same in every try, so that a receiver can tell a repetition. */
  readonly id: string;
  readonly type: WebhookType;
  /** Unix milliseconds. */
  readonly createdAt: number;
  readonly data: JsonObject;
}

export type WebhookType = 'credits.low' | 'webhooks.test';

/** The body of a delivery, the same bytes in every try. */
export function eventBody({ id, type, createdAt, data }: WebhookEvent): string {
  return JSON.stringify({ id, type, created_at: new Date(createdAt).toISOString(), data });
}
