import { describe, expect, test } from 'vitest';
import type { PlannedAttempt } from './plan.ts';
import { benchOf, hello, hostsOf, pricesOf, wishing } from './routing.test-support.ts';

const hosts = hostsOf({ 'a=m': {}, 'b=m': {}, 'c=other': { priceList: pricesOf('7', '8') }, 'd=qwen-flash': {} });
const models = (...names: readonly string[]) => wishing({ models: names });
const whom = (attempts: readonly PlannedAttempt[]): readonly string[] =>
  attempts.map(({ provider, answeringModel }) => `${provider}:${answeringModel}`);

describe('models', () => {
  test('the named model is tried first, at all its hosts, then the others in their order', () => {
    expect(whom(benchOf(hosts).plan(models('qwen-flash', 'other')))).toEqual(['a:m', 'b:m', 'd:qwen-flash', 'c:other']);
  });

  test('each has its own request, limits and price list, and says in whose place it answers', () => {
    const [attempt] = benchOf(hosts)
      .plan({ ...models('qwen-flash'), model: 'other' })
      .slice(1);
    const own = benchOf(hosts).plan({ ...hello, model: 'qwen-flash' })[0];
    expect(attempt).toMatchObject({
      limits: own?.limits,
      priceList: own?.priceList,
      request: { thinking: own?.request.thinking },
      notices: [{ code: 'stand-in', path: 'models', message: '"qwen-flash" answers in place of "other", which could not.' }],
    });
  });

  test('a model that is named twice is tried once', () => {
    expect(whom(benchOf(hosts).plan(models('m', 'other', 'other')))).toEqual(['a:m', 'b:m', 'c:other']);
  });

  test('a fallback that is not known, not served or not allowed is left out, and told', () => {
    const allows = ({ id }: { readonly id: string }): boolean => id !== 'other';
    const planned = benchOf(hosts).plan(models('nobody', 'qwen3.5-flash', 'other'), { allows });
    expect(whom(planned)).toEqual(['a:m', 'b:m']);
    expect(planned[0]?.notices.map(({ code, path }) => `${code}:${path}`)).toEqual([
      'ignored:models[0]',
      'ignored:models[1]',
      'ignored:models[2]',
    ]);
    expect(planned[0]?.notices.map(({ message }) => message).join(' ')).toMatch(
      /nobody.*No configured provider.*may not call "other"/,
    );
  });

  test('a model that nobody serves is answered for by its fallback; with none left its own fault is told', () => {
    const request = { ...models('other'), model: 'qwen3.5-flash' };
    expect(whom(benchOf(hosts).plan(request))).toEqual(['c:other']);
    expect(() => benchOf(hosts).plan({ ...models('nobody'), model: 'qwen3.5-flash' })).toThrow(
      expect.objectContaining({ code: 'no_host', message: expect.stringContaining('"qwen3.5-flash"') }),
    );
  });

  test('wishes hold for every model', () => {
    expect(whom(benchOf(hosts).plan(wishing({ models: ['other'], ignore: ['a', 'c'] })))).toEqual(['b:m']);
    expect(whom(benchOf(hosts).plan(wishing({ models: ['other'], allowFallbacks: false })))).toEqual(['a:m', 'c:other']);
  });

  test('a list without end is cut', () => {
    const planned = benchOf(hosts).plan(models(...Array.from({ length: 1_000 }, (_, index) => `x${index}`), 'other'));
    expect(whom(planned)).toEqual(['a:m', 'b:m']);
    expect(planned[0]?.notices.length).toBeLessThanOrEqual(9);
  });
});
