import fc from 'fast-check';
import type { JsonObject } from '../../model/json.ts';
import type { GenerateRequest, Tool } from '../../model/request.ts';
import type { Abilities } from './abilities.ts';

const held = fc.constantFrom('always', 'without-thinking', 'unsure', 'never');

/** Whatever a host may hold. */
export const anyAbilities: fc.Arbitrary<Abilities> = fc.record({
  json: held,
  schema: held,
  formBesideTools: fc.boolean(),
  noCall: fc.boolean(),
  anyCall: held,
  namedCall: held,
});

export const wantedSchema: JsonObject = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] };

const tools: readonly Tool[] = [
  { kind: 'function', name: 'f' },
  { kind: 'function', name: 'other' },
];

/** Whatever a caller may wish of forms and tools, together. */
export const anyWish: fc.Arbitrary<Partial<GenerateRequest>> = fc.record(
  {
    form: fc.constantFrom<GenerateRequest['form']>({ kind: 'json' }, { kind: 'schema', name: 's', schema: wantedSchema }),
    thinking: fc.constantFrom<GenerateRequest['thinking']>({ kind: 'on' }, { kind: 'off' }, { kind: 'unsaid' }),
    answers: fc.integer({ min: 1, max: 3 }),
    tools: fc.constantFrom<readonly Tool[]>([], tools.slice(0, 1), tools),
    toolChoice: fc.constantFrom<NonNullable<GenerateRequest['toolChoice']>>(
      { kind: 'auto' },
      { kind: 'none' },
      { kind: 'required' },
      { kind: 'function', name: 'f' },
    ),
    parallelToolCalls: fc.boolean(),
  },
  { requiredKeys: ['form'] },
);
