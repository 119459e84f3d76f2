import type { Clock } from '../model/ports.ts';
import type { Outgoing } from '../net/outgoing.ts';
import { signatureHeaders } from './sign-delivery.ts';
import { eventBody, type WebhookEvent } from './webhook-event.ts';

export interface WebhookTarget {
  /** The operator's own: it may be on the local network. */
  readonly url: string;
  /** Never empty. */
  readonly secret: string;
}

export interface DeliverDeps {
  readonly outgoing: Outgoing;
  readonly clock: Pick<Clock, 'now'>;
}

const timeoutMs = 15_000;
/** A longer answer costs its connection. Nobody reads it. */
const mostAnswerBytes = 64 * 1024;

/**
 * Sends an event once. Gives the receiver's status; only 2xx means that it has the event. Redirects are not followed: a signed
 * event goes to the address that the operator wrote and to no other. Throws like Outgoing.send.
 */
export async function deliverEvent(
  event: WebhookEvent,
  { url, secret }: WebhookTarget,
  { outgoing, clock }: DeliverDeps,
  signal: AbortSignal,
): Promise<number> {
  const body = eventBody(event);
  const timestamp = Math.floor(clock.now() / 1000);
  const { status, body: answer } = await outgoing.send(
    {
      method: 'POST',
      url,
      owner: 'operator',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'flashmux-webhooks',
        ...signatureHeaders({ id: event.id, timestamp, body }, secret),
      },
      body,
      headTimeoutMs: timeoutMs,
      idleTimeoutMs: timeoutMs,
      maxRedirects: 0,
    },
    signal,
  );
  await throwAway(answer);
  return status;
}

/** The status has been told: whatever becomes of the rest of the answer changes nothing. */
async function throwAway(answer: AsyncIterable<Uint8Array>): Promise<void> {
  let bytes = 0;
  try {
    for await (const piece of answer) {
      bytes += piece.length;
      if (bytes > mostAnswerBytes) return;
    }
  } catch {
    // A connection that broke in the middle of a body that nobody wants.
  }
}

export function isDelivered(status: number): boolean {
  return status >= 200 && status < 300;
}
