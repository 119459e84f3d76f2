import { createHash } from 'node:crypto';
import type { Idempotency } from '../ledger/idempotency.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { Json } from '../model/json.ts';
import type { Incoming } from './incoming.ts';

/**
 * The `Idempotency-Key` of a request, with a fingerprint of its route and body; undefined where it has none. Throws
 * `invalid_request` where it is sent twice: which of the two is meant is a guess.
 */
export function readIdempotency(
  { request }: Pick<Incoming, 'request'>,
  body: Json,
  { path, expiresAt }: { readonly path: string; readonly expiresAt: number },
): Idempotency | undefined {
  const sent = request.headersDistinct['idempotency-key'];
  const key = sent?.[0];
  if (key === undefined) return undefined;
  if (sent !== undefined && sent.length > 1) {
    throw new FlashmuxError('invalid_request', 'The header Idempotency-Key was sent more than once. Send one.', {
      param: 'idempotency-key',
    });
  }
  const fingerprint = createHash('sha256').update(`POST ${path}\n`).update(canonicalText(body)).digest('hex');
  return { key, fingerprint, expiresAt };
}

/** JSON whose objects have their keys in order: a client that builds its body anew may put them in another one. */
function canonicalText(value: Json): string {
  return JSON.stringify(value, (_, inner: unknown) => (isPlainObject(inner) ? sorted(inner) : inner));
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}
