import { FlashmuxError, type FaultDetails } from '../../model/fault.ts';
import type { Json } from '../../model/json.ts';
import { parseJson } from '../../model/json.ts';
import type { ClientHalf } from '../../protocols/codec.ts';

export interface ErrorReply {
  readonly provider: string;
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Never to be repeated: some hosts quote the key that they refuse. */
  readonly apiKey?: string;
  /** Whose key it was: of the configuration, where nothing is said. */
  readonly keyOwner?: 'operator' | 'caller';
  /** Statuses of this host that mean what another one means by HTTP, such as Segmind's 406 for missing credit. */
  readonly ownStatuses?: Readonly<Record<number, number>>;
  /** Unix milliseconds. */
  readonly now: number;
}

/** An error reply of a host as a fault. What only the operator can mend (key, credit, permission) is not the caller's 401. */
export function upstreamFault(reply: ErrorReply, client: Pick<ClientHalf, 'readFault'>): FlashmuxError {
  const { provider, status, headers, now, ownStatuses } = reply;
  const meaning = ownStatuses?.[status] ?? status;
  const wait = retryAfterSeconds(headers, now);
  const more = wait === undefined ? {} : { retryAfterSeconds: wait };
  if (meaning === 401 || meaning === 402 || meaning === 403) {
    return new FlashmuxError('upstream_refused', refusalMessage(reply, meaning), { ...more, upstream: { status, provider } });
  }
  if (status < 400) {
    const message = `Provider "${provider}" answered with the redirect ${status}; its base URL must be the final address.`;
    return new FlashmuxError('upstream_failed', message, { upstream: { status, provider } });
  }
  const text = withoutKey(reply.body, reply.apiKey);
  const body: Json = parseJson(text) ?? text;
  return named(client.readFault(status, body), provider, { ...more, upstream: { status, body } });
}

/** The same fault with the provider's name on it. What is no fault of the host, a caller who left among it, stays what it is. */
export function attributed(error: unknown, provider: string): unknown {
  return FlashmuxError.is(error) && error.code !== 'cancelled' ? named(error, provider) : error;
}

function named(fault: FlashmuxError, provider: string, more: FaultDetails = {}): FlashmuxError {
  const retryAfter = more.retryAfterSeconds ?? fault.retryAfterSeconds;
  return new FlashmuxError(fault.code, fault.message, {
    ...(fault.param === undefined ? {} : { param: fault.param }),
    ...(retryAfter === undefined ? {} : { retryAfterSeconds: retryAfter }),
    upstream: { ...more.upstream, ...fault.upstream, provider },
    cause: fault.cause ?? fault,
  });
}

/**
 * Whole seconds, rounded up: a caller who comes a moment too early has waited for nothing. `retry-after-ms` (OpenAI, Azure) is
 * the exacter word; `retry-after` is seconds or a date (RFC 9110).
 */
export function retryAfterSeconds(headers: ErrorReply['headers'], now: number): number | undefined {
  const ms = headers['retry-after-ms'];
  if (ms !== undefined && isDecimal(ms)) return Math.ceil(Number(ms) / 1000);
  const wait = headers['retry-after'];
  if (wait === undefined) return undefined;
  if (isDecimal(wait)) return Math.ceil(Number(wait));
  const until = Date.parse(wait);
  return Number.isNaN(until) ? undefined : Math.max(0, Math.ceil((until - now) / 1000));
}

function isDecimal(text: string): boolean {
  return /^\s*\d{1,9}(\.\d{1,9})?\s*$/.test(text);
}

function refusalMessage({ provider, status, apiKey, keyOwner }: ErrorReply, meaning: 401 | 402 | 403): string {
  if (apiKey === undefined) return `Provider "${provider}" wants a key and none is configured for it (${status}).`;
  const key = `${keyOwner === 'caller' ? "account's own" : 'configured'} key of provider "${provider}"`;
  switch (meaning) {
    case 402:
      return `The account behind the ${key} has no credit left (${status}).`;
    case 403:
      return `The ${key} was refused: it may not use this model or host (${status}).`;
    case 401:
      return `The ${key} was refused (${status}).`;
  }
}

function withoutKey(text: string, apiKey: string | undefined): string {
  return apiKey === undefined || apiKey === '' ? text : text.replaceAll(apiKey, '[key]');
}
