import type { IncomingHttpHeaders } from 'node:http';
import { plainAddress, type AddressBlocks } from '../access/address-blocks.ts';

/**
 * Where a request comes from: the other end of its connection, unless that is a proxy which the operator trusts. Each proxy adds to
 * the right end of `x-forwarded-for` whom it was called by, so what stands there is read from the right, as long as a trusted proxy
 * wrote it; whatever is further left, anybody may have sent. Undefined where the address cannot be told.
 */
export function callerAddress(
  { socket, headers }: { readonly socket: Connection; readonly headers: IncomingHttpHeaders },
  trustedProxies: AddressBlocks,
): string | undefined {
  let address = peerAddress(socket);
  let hops: string[] | undefined;
  while (address !== undefined && trustedProxies.includes(address)) {
    hops ??= hopsOf(headers);
    const hop = hops.pop();
    // Nobody stands before the last proxy: it calls on its own behalf.
    if (hop === undefined) return address;
    address = plainAddress(withoutPort(hop.trim()));
  }
  return address;
}

interface Connection {
  readonly remoteAddress?: string | undefined;
}

/** A connection has the same other end for all its requests, and to read an address takes longer than anything else here. */
const peers = new WeakMap<Connection, string>();

function peerAddress(socket: Connection): string | undefined {
  const known = peers.get(socket);
  if (known !== undefined) return known;
  const address = plainAddress(socket.remoteAddress ?? '');
  if (address !== undefined) peers.set(socket, address);
  return address;
}

function hopsOf(headers: IncomingHttpHeaders): string[] {
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',');
  return forwarded.trim() === '' ? [] : forwarded.split(',');
}

/** Some proxies write the port as well: `203.0.113.7:51034`, `[2001:db8::1]:51034`. */
function withoutPort(hop: string): string {
  const [, bracketed, dotted] = /^(?:\[([^\]]*)\](?::\d+)?|([^:]*):\d+)$/.exec(hop) ?? [];
  return bracketed ?? dotted ?? hop;
}
