import type { IncomingHttpHeaders } from 'node:http';
import { plainAddress, type AddressBlocks } from '../access/address-blocks.ts';

/**
 * Where a request comes from: the other end of its connection, unless that is a proxy which the operator trusts. Each proxy adds to
 * the right end of `x-forwarded-for` whom it was called by, so what stands there is read from the right, as long as a trusted proxy
 * wrote it; whatever is further left, anybody may have sent. Undefined where the address cannot be told.
 */
export function callerAddress(
  {
    socket,
    headers,
  }: { readonly socket: { readonly remoteAddress?: string | undefined }; readonly headers: IncomingHttpHeaders },
  trustedProxies: AddressBlocks,
): string | undefined {
  let address = plainAddress(socket.remoteAddress ?? '');
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',');
  const hops = forwarded.trim() === '' ? [] : forwarded.split(',');
  while (address !== undefined && trustedProxies.includes(address)) {
    const hop = hops.pop();
    // Nobody stands before the last proxy: it calls on its own behalf.
    if (hop === undefined) return address;
    address = plainAddress(withoutPort(hop.trim()));
  }
  return address;
}

/** Some proxies write the port as well: `203.0.113.7:51034`, `[2001:db8::1]:51034`. */
function withoutPort(hop: string): string {
  const [, bracketed, dotted] = /^(?:\[([^\]]*)\](?::\d+)?|([^:]*):\d+)$/.exec(hop) ?? [];
  return bracketed ?? dotted ?? hop;
}
