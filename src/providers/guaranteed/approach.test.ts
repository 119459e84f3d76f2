import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fuzzRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { requestOf } from '../attempt.test-support.ts';
import type { Abilities, Held } from './abilities.ts';
import { anyAbilities, anyWish } from './abilities.test-support.ts';
import { approach } from './approach.ts';

/** What of this request the host holds, as its row says; undefined: it asks for nothing of the kind. */
function asksOf({ form }: GenerateRequest, can: Abilities): Held | undefined {
  return form.kind === 'json' || form.kind === 'schema' ? can[form.kind] : undefined;
}

function forces({ toolChoice, tools }: GenerateRequest, can: Abilities): Held | undefined {
  if (tools.length === 0) return undefined;
  if (toolChoice?.kind === 'required') return can.anyCall;
  return toolChoice?.kind === 'function' ? can.namedCall : undefined;
}

it('a host is never asked for what it must not be asked for', () => {
  fc.assert(
    fc.property(anyWish, anyAbilities, (more, can) => {
      const way = approach(requestOf('Hi', more), can);
      for (const sent of [way.request, way.again]) {
        for (const held of [asksOf(sent, can), forces(sent, can)]) {
          expect(held).not.toBe('never');
          if (held === 'without-thinking') expect(sent.thinking.kind).toBe('off');
        }
        if (!can.noCall) expect(sent.toolChoice?.kind).not.toBe('none');
      }
    }),
    { numRuns: fuzzRuns },
  );
});

it('what is not held here is left to a host that holds it', () => {
  fc.assert(
    fc.property(anyWish, anyAbilities, (more, can) => {
      const way = approach(requestOf('Hi', more), can);
      fc.pre(!way.holds);
      const held = way.call === undefined ? asksOf(way.request, can) : forces(way.request, can);
      expect(held === 'always' || held === 'without-thinking').toBe(true);
      const mayCall = way.request.tools.length > 0 && way.request.toolChoice?.kind !== 'none';
      if (way.call === undefined && mayCall) expect(can.formBesideTools).toBe(true);
    }),
    { numRuns: fuzzRuns },
  );
});

it('a thought that was asked for is thought at the first try', () => {
  fc.assert(
    fc.property(anyWish, anyAbilities, (more, can) => {
      const way = approach(requestOf('Hi', { ...more, thinking: { kind: 'on', budgetTokens: 100 } }), can);
      expect(way.request.thinking).toEqual({ kind: 'on', budgetTokens: 100 });
    }),
    { numRuns: fuzzRuns },
  );
});

it.each([
  ['is spoken', { modalities: ['text', 'audio'] }],
  ['continues a text', { continues: { prompt: { kind: 'text', text: 'Once' } } }],
] as const)('an answer that %s has no form to be held', (_, more) => {
  fc.assert(
    fc.property(anyAbilities, (can) => {
      const request = requestOf('Hi', { form: { kind: 'json' }, ...more });
      expect(approach(request, can)).toEqual({ request, again: request, notices: [], holds: false });
    }),
  );
});
