import { createHmac } from 'node:crypto';

export interface Delivery {
  readonly id: string;
  /** Unix seconds of this try; a receiver refuses an old one, so that a delivery that was overheard cannot be sent again later. */
  readonly timestamp: number;
  readonly body: string;
}

/** The headers of the Standard Webhooks specification: HMAC-SHA-256 over id, time and body, so that none can be exchanged. */
export function signatureHeaders({ id, timestamp, body }: Delivery, secret: string): Readonly<Record<string, string>> {
  const signature = createHmac('sha256', signingKey(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': `v1,${signature}` };
}

/** `whsec_` and base64, as the specification's libraries make it, stands for those bytes; any other text for its own. */
function signingKey(secret: string): Buffer {
  const encoded = /^whsec_(.+)$/.exec(secret)?.[1];
  return encoded === undefined ? Buffer.from(secret, 'utf8') : Buffer.from(encoded, 'base64');
}
