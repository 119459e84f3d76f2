import fc from 'fast-check';
import { validateHeaderValue } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../model/answer.ts';
import { answerHeaders } from './answer-headers.ts';
import { headerText } from './header-text.ts';

const nothing: Answer = { choices: [], notices: [], carried: [] };

describe('answerHeaders', () => {
  it('says which model answered, for which it stands in, and what was done to the request', () => {
    const notices = [
      { code: 'stand-in', path: 'model', message: '' },
      { code: 'dropped', path: 'messages[4].content[1]', message: '' },
    ] as const;
    expect(answerHeaders({ ...nothing, model: 'tiny', provider: 'embedded', notices }, 'qwen3.5-flash')).toEqual({
      'x-flashmux-model': 'tiny',
      'x-flashmux-provider': 'embedded',
      'x-flashmux-stand-in-for': 'qwen3.5-flash',
      'x-flashmux-notices': 'stand-in:model, dropped:messages[4].content[1]',
    });
  });

  it('is silent about what is not known', () => {
    expect(answerHeaders(nothing, 'qwen3.5-flash')).toEqual({});
  });

  it('stays short for many notices and counts the rest', () => {
    const notices = Array.from(
      { length: 500 },
      (_, index) => ({ code: 'dropped', path: `messages[${index}]`, message: '' }) as const,
    );
    const text = String(answerHeaders({ ...nothing, notices }, 'm')['x-flashmux-notices']);
    expect(text.length).toBeLessThan(1100);
    const shown = text.split(', ').length - 1;
    expect(text.endsWith(`, +${500 - shown} more`)).toBe(true);
  });
});

describe('headerText', () => {
  it('is a header that Node accepts and within its length, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 8, max: 40 }), (text, maxLength) => {
        const safe = headerText(text, maxLength);
        expect(() => validateHeaderValue('x-test', safe)).not.toThrow();
        expect(safe).toMatch(/^[\x20-\x7e]*$/);
        expect(safe.length).toBeLessThanOrEqual(maxLength);
      }),
    );
    expect(headerText('a\r\nx: y\ud800', 100)).toBe('a%0D%0Ax: y%EF%BF%BD');
  });
});
