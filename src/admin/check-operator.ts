import { createHash, timingSafeEqual } from 'node:crypto';
import { plainAddress } from '../access/address-blocks.ts';
import type { Incoming } from '../http/incoming.ts';
import { FlashmuxError } from '../model/fault.ts';
import { isLoopback } from '../model/loopback.ts';

export interface OperatorRules {
  /** The address that is listened on. */
  readonly host: string;
  /** Further names by which the API is called. */
  readonly names: readonly string[];
  /** Absent: whoever reaches the address is the operator. */
  readonly token?: string;
}

/**
 * Throws unless a request comes from the operator. Without a token the API trusts whoever is on this machine, and every web page
 * that is open in a browser here is on this machine too: so no page may call it (`Origin`), nor one whose name was made to point
 * here (`Host`), and what changes something is JSON, which a page cannot send without being asked for its origin first.
 */
export function operatorCheck(rules: OperatorRules): (incoming: Incoming) => void {
  const tokenDigest = rules.token === undefined ? undefined : digestOf(rules.token);
  return ({ request }) => {
    const { headers, headersDistinct, socket, method } = request;
    const host = ownHost(headersDistinct['host'] ?? [], rules, socket.localAddress);
    refuseOrigin(headersDistinct['origin'] ?? [], host);
    if (tokenDigest !== undefined) refuseStranger(headersDistinct['authorization'] ?? [], tokenDigest);
    if (method === 'POST' || method === 'PATCH') refuseOtherThanJson(headers['content-type']);
  };
}

/** The host that the request names, once it was found to be a name of this server. */
function ownHost(sent: readonly string[], { host, names }: OperatorRules, localAddress: string | undefined): string {
  const [named = ''] = sent;
  const hostname = sent.length === 1 ? hostnameOf(named) : undefined;
  const own = [host, ...names, plainAddress(localAddress ?? '')].map((name) => name?.toLowerCase());
  if (hostname !== undefined && (isLoopback(hostname) || own.includes(hostname))) return named.toLowerCase();
  throw new FlashmuxError(
    'forbidden',
    `The admin API does not answer under the name ${JSON.stringify(named.slice(0, 100))}. Call it by its address, or list the name in admin.names.`,
  );
}

/** Without the port; IPv6 without its brackets. */
function hostnameOf(host: string): string | undefined {
  return /^(?:\[([0-9a-f:.]+)\]|([^\s:/?#@[\]]+))(?::\d{1,5})?$/i
    .exec(host)
    ?.slice(1)
    .find((name) => name !== undefined)
    ?.toLowerCase();
}

function refuseOrigin(sent: readonly string[], host: string): void {
  const isOwn = sent.every((origin) => [`http://${host}`, `https://${host}`].includes(origin.toLowerCase()));
  if (isOwn) return;
  throw new FlashmuxError('forbidden', 'Web pages of other origins may not call the admin API.');
}

function refuseStranger(sent: readonly string[], tokenDigest: Buffer): void {
  const [authorization] = sent;
  if (authorization === undefined) {
    throw new FlashmuxError('missing_key', 'The admin API needs its token: send "authorization: Bearer <admin.token>".');
  }
  const token = /^bearer +(\S+)$/i.exec(authorization)?.[1];
  if (sent.length === 1 && token !== undefined && timingSafeEqual(digestOf(token), tokenDigest)) return;
  throw new FlashmuxError('invalid_key', 'This is not the token of the admin API. It is the setting admin.token of the server.');
}

/** Digests have one length, so that comparing them tells nothing of the token, its length included. */
function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function refuseOtherThanJson(contentType: string | undefined): void {
  if (contentType?.split(';', 1)[0]?.trim().toLowerCase() === 'application/json') return;
  throw new FlashmuxError('unsupported_content_type', 'What changes something is JSON: send "content-type: application/json".');
}
