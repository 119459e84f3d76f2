import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fuzzRuns } from '../../tests/support/arbitraries/fuzz-runs.ts';
import { AddressBlocks, networkOf, plainAddress } from './address-blocks.ts';

const ipv4 = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 });

function numberOf(bytes: readonly number[]): bigint {
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

test('a block holds exactly the addresses that share its first bits, and so does the network it is written as', () => {
  fc.assert(
    fc.property(ipv4, ipv4, fc.integer({ min: 0, max: 32 }), fc.boolean(), (network, random, bits, isNear) => {
      // A random address is hardly ever in a long block, so half of them begin as the block does.
      const address = isNear
        ? random.map((byte, index) => (index < Math.floor(bits / 8) ? (network[index] ?? 0) : byte))
        : random;
      const shift = BigInt(32 - bits);
      const expected = numberOf(network) >> shift === numberOf(address) >> shift;
      const text = `${network.join('.')}/${bits}`;
      const written = networkOf(text);
      for (const block of [text, written?.written ?? ''])
        for (const notation of [address.join('.'), `::ffff:${address.join('.')}`])
          expect(new AddressBlocks([block]).includes(notation), `${notation} in ${block}`).toBe(expected);
      expect(written?.isNetwork).toBe((numberOf(network) & ((1n << shift) - 1n)) === 0n);
    }),
    { numRuns: fuzzRuns },
  );
});

test('a block of IPv6 holds its addresses and no IPv4 address, and one of mapped addresses is a block of IPv4', () => {
  expect(new AddressBlocks(['::/0']).includes('1.2.3.4')).toBe(false);
  expect(new AddressBlocks(['::/0']).includes('2001:db8::1')).toBe(true);
  expect(new AddressBlocks(['::ffff:10.0.0.0/104']).includes('10.9.9.9')).toBe(true);
  expect(new AddressBlocks(['::ffff:10.0.0.0/104']).includes('11.0.0.0')).toBe(false);
  expect(new AddressBlocks([]).includes('1.2.3.4')).toBe(false);
});

test.each([
  '',
  'localhost',
  '10',
  '1.2.3/8',
  '010.0.0.1',
  '0x7f.1',
  '1.2.3.4/33',
  '1.2.3.4/',
  '::/129',
  '1.2.3.4 ',
  'fe80::1%eth0',
])('"%s" is no entry of a list', (text) => {
  expect(networkOf(text)).toBeUndefined();
  expect(() => new AddressBlocks([text])).toThrow(RangeError);
});

test('an address has one way to be written', () => {
  expect(plainAddress('::ffff:192.0.2.1')).toBe('192.0.2.1');
  expect(plainAddress('2001:DB8:0:0:0:0:0:1%eth0')).toBe('2001:db8::1');
  expect(plainAddress('010.0.0.1')).toBeUndefined();
  expect(networkOf('203.0.113.7')).toEqual({ written: '203.0.113.7', isNetwork: true });
  expect(networkOf('2001:DB8::1/32')).toEqual({ written: '2001:db8::/32', isNetwork: false });
});
