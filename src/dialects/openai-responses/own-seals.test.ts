import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Answer } from '../../model/answer.ts';
import { fold } from '../../model/fold.ts';
import { unfold } from '../../model/stream.ts';
import { answer } from '../../../tests/support/arbitraries/answers.ts';
import { lawRuns } from '../../../tests/support/arbitraries/fuzz-runs.ts';
import { compactionItem, sealedThoughts, ThoughtSealer, unsealed } from './own-seals.ts';

const answers = answer('openai-responses', ['body']);

describe('thoughts without a seal', () => {
  test('get the same one in a stream and in a whole answer', () => {
    fc.assert(
      fc.property(answers, (said: Answer) => {
        const sealer = new ThoughtSealer();
        const streamed = unfold(said).flatMap((event) => sealer.seal([event]));
        expect(fold(streamed)).toEqual(fold(unfold(sealedThoughts(said))));
      }),
      { numRuns: lawRuns },
    );
  });

  test('lose nothing: each has a seal afterwards, and those of a host are as they were', () => {
    fc.assert(
      fc.property(answers, (said: Answer) => {
        const before = said.choices.flatMap(({ parts }) => parts);
        const after = sealedThoughts(said).choices.flatMap(({ parts }) => parts);
        for (const [index, part] of after.entries()) {
          const was = before[index];
          if (part.kind !== 'reasoning' || was?.kind !== 'reasoning') expect(part).toEqual(was);
          else if (was.seal !== undefined || was.itemId !== undefined) expect(part).toEqual(was);
          else expect(part).toEqual({ ...was, seal: expect.objectContaining({ protocol: 'openai-responses' }) });
        }
      }),
      { numRuns: lawRuns },
    );
  });
});

describe('an item that comes back', () => {
  const sealed = (text: string): string => {
    const [choice] = sealedThoughts({ choices: [{ parts: [{ kind: 'reasoning', text }] }], notices: [], carried: [] }).choices;
    const [part] = choice?.parts ?? [];
    return part?.kind === 'reasoning' && typeof part.seal?.value === 'string' ? part.seal.value : '';
  };

  test('has its thought from the seal where its summary was left out, and from its summary where not', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
        (text) => {
          const item = { type: 'reasoning', id: 'rs_1', encrypted_content: sealed(text) };
          const summary = text === '' ? [] : [{ type: 'summary_text', text }];
          expect(unsealed({ ...item, summary: [] })).toEqual({ type: 'reasoning', id: 'rs_1', summary });
          const told = [{ type: 'summary_text', text: 'told' }];
          expect(unsealed({ ...item, summary: told })).toEqual({ type: 'reasoning', id: 'rs_1', summary: told });
        },
      ),
    );
  });

  test('is a message of the developer where it stands for a conversation', () => {
    expect(unsealed(compactionItem('cmp_1', 'They said: größe.'))).toEqual({
      type: 'message',
      role: 'developer',
      content: [{ type: 'input_text', text: expect.stringMatching(/They said: größe\.$/) }],
    });
  });

  test('stays as it is where another server sealed it', () => {
    const items = [
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAAAB' },
      { type: 'compaction', id: 'cmp_1', encrypted_content: 'gAAAAAB' },
      { type: 'message', role: 'user', content: 'flashmux.summary/eA' },
    ];
    for (const item of items) expect(unsealed(item)).toBe(item);
  });
});
