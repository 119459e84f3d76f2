import type { OutgoingHttpHeaders } from 'node:http';
import { asFault, type FlashmuxError } from '../model/fault.ts';
import type { JsonObject } from '../model/json.ts';
import type { Incoming } from './incoming.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';

/** The headers of every reply, errors included. The SDKs of OpenAI read `x-request-id`, those of Anthropic `request-id`. */
export function commonHeaders(
  { requestId, dialect, closing, remainingCredits, rateLimits, replayed }: ReplyFacts,
  answerId?: string,
): OutgoingHttpHeaders {
  return {
    'x-request-id': requestId,
    'request-id': requestId,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(closing ? { connection: 'close' } : {}),
    ...(remainingCredits === undefined ? {} : { 'x-remaining-credits': remainingCredits }),
    ...(rateLimits === undefined ? {} : rateLimitHeaders(dialect.rateLimitHeaders, rateLimits)),
    ...(replayed === true ? { 'idempotent-replayed': 'true' } : {}),
    ...dialect.headers(answerId === undefined ? { requestId } : { requestId, answerId }),
  };
}

type ReplyFacts = Pick<Incoming, 'requestId' | 'dialect' | 'closing'> &
  Partial<Pick<Incoming, 'remainingCredits' | 'rateLimits' | 'replayed'>>;

/** Sends one JSON reply. Resolves once it is delivered, or nobody reads any more. */
export async function sendJson(
  incoming: Incoming,
  status: number,
  body: JsonObject,
  headers?: OutgoingHttpHeaders,
): Promise<void> {
  await sendText(incoming, status, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
}

/** The same for a text of any type; the type is to be among the headers. */
export async function sendText(incoming: Incoming, status: number, text: string, headers: OutgoingHttpHeaders): Promise<void> {
  if (incoming.gone) return;
  const { response } = incoming;
  const lingering = mustLinger(incoming);
  if (lingering) incoming.closing = true;
  const bytes = Buffer.byteLength(text);
  response.writeHead(status, { ...commonHeaders(incoming), 'content-length': bytes, ...headers });
  // As many bytes as characters: all of them ASCII, which needs no encoder.
  if (!lingering) return incoming.finish(text, bytes === text.length ? 'latin1' : 'utf8');
  response.write(text);
  await bodyThrownAway(incoming);
  await incoming.finish();
}

/** Tells the caller a fault, as a status and the dialect's envelope. */
export async function sendFault(incoming: Incoming, error: unknown, headers?: OutgoingHttpHeaders): Promise<void> {
  const fault = asFault(error);
  incoming.record.fault = fault.code;
  const { dialect, requestId } = incoming;
  const status = dialect.status(fault);
  await sendJson(incoming, status, dialect.writeFault(fault, requestId), { ...faultHeaders(fault, status), ...headers });
}

/** Headers that tell a client whether and when to try again. Every SDK measured heeds `retry-after`; OpenAI's also `x-should-retry`. */
export function faultHeaders(fault: FlashmuxError, status: number): OutgoingHttpHeaders {
  const seconds = fault.retryAfterSeconds ?? (status === 429 || fault.row.status === 503 ? 1 : undefined);
  return {
    ...(seconds === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(seconds))) }),
    ...(fault.row.retry === 'no' ? { 'x-should-retry': 'false' } : {}),
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
  };
}

/** Bytes of an unread body for which a connection is worth keeping. */
const smallBodyBytes = 64 * 1024;

/**
 * A connection that is closed while the caller still sends is reset by the operating system, and the reset can overtake the
 * refusal. So the reply is sent complete, and the rest of the body is read and thrown away for a moment before the connection ends.
 */
function mustLinger({ request, limits, unreadable }: Incoming): boolean {
  if (request.complete || unreadable) return false;
  const announced = Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY);
  return announced > Math.min(smallBodyBytes, limits.bodyBytes);
}

async function bodyThrownAway({ request, limits }: Incoming): Promise<void> {
  const over = Promise.withResolvers<void>();
  let bytes = 0;
  const discard = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > limits.bodyBytes) over.resolve();
  };
  const timer = setTimeout(over.resolve, limits.lingerMs);
  request.on('data', discard);
  request.once('end', over.resolve);
  request.once('close', over.resolve);
  await over.promise;
  clearTimeout(timer);
  request.off('data', discard);
}
