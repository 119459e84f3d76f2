import ipaddr from 'ipaddr.js';

/**
 * True for an address that anyone on the internet may reach: public unicast and nothing else. False for text that is no
 * address. The text may carry a zone id. An IPv4 address inside an IPv6 one is judged as the IPv4 address it is.
 */
export function isPublicAddress(text: string): boolean {
  const bare = text.split('%', 1)[0] ?? '';
  if (!ipaddr.isValid(bare)) return false;
  const address = ipaddr.process(bare);
  if (address.range() !== 'unicast') return false;
  if (address.kind() === 'ipv6') return within(address, globalUnicast) && !refusedIpv6.some((block) => within(address, block));
  return !refusedIpv4.some((block) => within(address, block));
}

type Block = ReturnType<typeof ipaddr.parseCIDR>;

/** All of IPv6 that was ever given out for unicast on the internet. */
const globalUnicast = ipaddr.parseCIDR('2000::/3');

/**
 * Most of these have a range name in ipaddr.js too. They stand here in full so that another reading of "unicast" in a later
 * version of that library cannot open a door.
 */
const refusedIpv4: readonly Block[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  // Shared address space; holds 100.100.100.200, the metadata service of Alibaba Cloud.
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Azure's platform service: a private thing at an address of a public range.
  '168.63.129.16/32',
].map((block) => ipaddr.parseCIDR(block));

const refusedIpv6: readonly Block[] = [
  // Teredo and 6to4 carry an IPv4 address inside that the network unpacks.
  '2001::/32',
  '2002::/16',
  '2001:db8::/32',
  '3fff::/20',
].map((block) => ipaddr.parseCIDR(block));

function within(address: ipaddr.IPv4 | ipaddr.IPv6, [network, bits]: Block): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}
