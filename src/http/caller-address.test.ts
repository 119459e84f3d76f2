import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AddressBlocks } from '../access/address-blocks.ts';
import { callerAddress } from './caller-address.ts';

const proxies = new AddressBlocks(['10.0.0.0/8', '2001:db8:1::/48']);
const nobody = new AddressBlocks([]);

function from(remoteAddress: string | undefined, forwarded?: string | string[], trusted = proxies): string | undefined {
  return callerAddress({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }, trusted);
}

test('without trusted proxies the header says nothing', () => {
  expect(from('10.0.0.1', '203.0.113.9', nobody)).toBe('10.0.0.1');
  expect(from('::ffff:10.0.0.1', '203.0.113.9', nobody)).toBe('10.0.0.1');
});

test('who is no trusted proxy is the caller, whatever it says of itself', () => {
  expect(from('203.0.113.9', '10.0.0.1')).toBe('203.0.113.9');
  expect(from('203.0.113.9', '192.0.2.1, 10.0.0.1')).toBe('203.0.113.9');
});

test('behind trusted proxies the rightmost address that is none of them is the caller', () => {
  expect(from('10.0.0.1', '203.0.113.9')).toBe('203.0.113.9');
  expect(from('::ffff:10.0.0.1', '192.0.2.1, 203.0.113.9,10.2.2.2 , 2001:db8:1::5')).toBe('203.0.113.9');
  expect(from('10.0.0.1', ['192.0.2.1', '203.0.113.9, 10.2.2.2'])).toBe('203.0.113.9');
});

test('what a caller sends ahead of its own address changes nothing', () => {
  const spoofed = fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ unit: 'binary-ascii', maxLength: 20 })), { maxLength: 5 });
  fc.assert(
    fc.property(spoofed, fc.constantFrom('203.0.113.9', '2001:db8::9'), fc.integer({ min: 0, max: 3 }), (sent, caller, hops) => {
      const chain = [...sent, caller, ...Array.from({ length: hops }, (_, hop) => `10.0.0.${hop + 2}`)];
      expect(from('10.0.0.1', chain.join(', '))).toBe(caller);
    }),
  );
});

test('ports and brackets that a proxy adds are read away', () => {
  expect(from('10.0.0.1', '203.0.113.9:51034')).toBe('203.0.113.9');
  expect(from('10.0.0.1', '[2001:db8::9]:51034')).toBe('2001:db8::9');
  expect(from('10.0.0.1', '[2001:DB8::9]')).toBe('2001:db8::9');
});

test('a proxy that nobody stands before calls on its own behalf', () => {
  expect(from('10.0.0.1')).toBe('10.0.0.1');
  expect(from('10.0.0.1', ' ')).toBe('10.0.0.1');
  expect(from('10.0.0.1', '10.0.0.3, 10.0.0.2')).toBe('10.0.0.3');
});

test('an address that cannot be read is no address, and nothing to the left of it is asked', () => {
  for (const unreadable of ['unknown', '_hidden', '010.0.0.1', '203.0.113.9, '])
    expect(from('10.0.0.1', `192.0.2.1, ${unreadable}`), unreadable).toBeUndefined();
  expect(from(undefined, '192.0.2.1')).toBeUndefined();
});
