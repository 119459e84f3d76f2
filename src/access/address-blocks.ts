import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.parse>;

interface Block {
  readonly network: Address;
  readonly bits: number;
}

/** A list of addresses and CIDR blocks of both families. An IPv4 address inside an IPv6 one is the IPv4 address it is. */
export class AddressBlocks {
  readonly #blocks: readonly Block[];

  /** Throws RangeError for what is neither an address nor a block. */
  constructor(texts: readonly string[]) {
    this.#blocks = texts.map((text) => {
      const block = readBlock(text);
      if (block === undefined) throw new RangeError(`"${text}" is neither an IP address nor a block such as 10.0.0.0/8.`);
      return block;
    });
  }

  /** False for text that is no address. The text may carry a zone id. */
  includes(text: string): boolean {
    if (this.#blocks.length === 0) return false;
    const address = readAddress(text);
    return address !== undefined && this.#blocks.some(({ network, bits }) => isWithin(address, network, bits));
  }
}

/** The address as it is usually written, without its zone and out of the IPv6 address that may hold it; undefined for other text. */
export function plainAddress(text: string): string | undefined {
  return readAddress(text)?.toString();
}

/**
 * The block as its network is usually written, `10.0.0.0/8` for `10.1.2.3/8`; undefined for what is neither address nor block.
 * `isNetwork` is false where the text says more of the address than the block keeps, as the example does.
 */
export function networkOf(text: string): { readonly written: string; readonly isNetwork: boolean } | undefined {
  const block = readBlock(text);
  if (block === undefined) return undefined;
  const bytes = block.network.toByteArray();
  const kept = bytes.map((byte, index) => byte & maskByte(block.bits - index * 8));
  const network = ipaddr.fromByteArray(kept).toString();
  return {
    written: block.bits === bytes.length * 8 ? network : `${network}/${block.bits}`,
    isNetwork: bytes.every((byte, index) => byte === kept[index]),
  };
}

/** The first so many bits of a byte: none below 0, all from 8 up. */
function maskByte(bits: number): number {
  return 0xff & ~(0xff >> Math.max(0, Math.min(8, bits)));
}

function readBlock(text: string): Block | undefined {
  if (!text.includes('/')) {
    const network = readAddress(text);
    return network === undefined || text.includes('%') ? undefined : { network, bits: network.toByteArray().length * 8 };
  }
  // The library also reads 1.2.3/8 as 1.2.0.3/8 and 010.0.0.1 as 8.0.0.1, which nobody means in a list.
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text) && !ipaddr.IPv6.isValidCIDR(text)) return undefined;
  const [network, bits] = ipaddr.parseCIDR(text);
  // A block that begins above the mapped addresses holds more than IPv4, and no single IPv4 block says the same.
  return isMapped(network) && bits >= mappedBits
    ? { network: network.toIPv4Address(), bits: bits - mappedBits }
    : { network, bits };
}

/** Bits before the IPv4 address in an IPv6 one that holds it. */
const mappedBits = 96;

function readAddress(text: string): Address | undefined {
  const bare = text.split('%', 1)[0] ?? '';
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return ipaddr.parse(bare);
  return ipaddr.IPv6.isValid(bare) ? ipaddr.process(bare) : undefined;
}

function isMapped(address: Address): address is ipaddr.IPv6 {
  return address.kind() === 'ipv6' && ipaddr.process(address.toString()).kind() === 'ipv4';
}

function isWithin(address: Address, network: Address, bits: number): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}
