import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Seal } from '../../model/part.ts';
import { json } from '../../../tests/support/arbitraries/basics.ts';
import { lawRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import { readSignature, redactedData, redactedSeal, writeSignature } from './signature.ts';

const own = 'anthropic-messages';

describe('a signature', () => {
  test('comes back as the seal it was written from, whoever made it and whatever it holds', () => {
    const seal = fc.record({
      protocol: fc.constantFrom<Seal['protocol'][]>(own, 'openai-chat', 'openai-responses', 'ai-gateway', 'segmind'),
      value: fc.oneof(
        json,
        fc.string(),
        fc.constantFrom('', 'flashmux.unsigned', 'flashmux.seal/openai-chat/AAAA', 'flashmux.x'),
      ),
    });
    fc.assert(
      fc.property(seal, (made) => {
        expect(readSignature(writeSignature(made))).toEqual(made);
      }),
      { numRuns: lawRuns },
    );
  });

  test("of Anthropic's goes through byte for byte", () => {
    expect(writeSignature({ protocol: own, value: 'EqQBCkYI==' })).toBe('EqQBCkYI==');
    expect(readSignature('EqQBCkYI==')).toEqual({ protocol: own, value: 'EqQBCkYI==' });
  });

  test.each(['', writeSignature(undefined)])('%j is no proof of anything', (signature) => {
    expect(readSignature(signature)).toBeUndefined();
  });

  test.each(['flashmux.seal/', 'flashmux.seal/nobody/e30=', 'flashmux.seal/openai-chat/?', 'flashmux.seal/openai-chat'])(
    '%j, which nobody wrote here, is kept as it came',
    (signature) => {
      expect(readSignature(signature)).toEqual({ protocol: own, value: signature });
    },
  );
});

test('a redacted thought is told from all others', () => {
  expect(redactedData(redactedSeal('EmwK'))).toBe('EmwK');
  for (const value of ['EmwK', { data: 5 }, { data: 'a', more: 1 }])
    expect(redactedData({ protocol: own, value })).toBeUndefined();
  expect(redactedData({ protocol: 'openai-chat', value: { data: 'a' } })).toBeUndefined();
});
