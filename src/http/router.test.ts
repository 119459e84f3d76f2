import { describe, expect, it } from 'vitest';
import { pathOf, Router } from './router.ts';

const router = new Router([
  { method: 'POST', path: '/v1/{model}' },
  { method: 'POST', path: '/v1/chat/completions' },
  { method: 'GET', path: '/v1/models/{id+}' },
  { method: 'GET', path: '/v1/models' },
  { method: 'GET', path: '/api/{author}/{slug}/endpoints' },
] as const);

describe('Router', () => {
  it('prefers a literal segment to a parameter, whatever the order of the table', () => {
    expect(router.match('GET', '/v1/models')).toMatchObject({ kind: 'found', route: { path: '/v1/models' } });
    expect(router.match('POST', '/v1/qwen-flash')).toMatchObject({ kind: 'found', parameters: { model: 'qwen-flash' } });
  });

  it('reads an id with slashes, percent-encoded or not, to the same id', () => {
    const expected = { kind: 'found', parameters: { id: 'alibaba/qwen3.5-flash:variant1' } };
    expect(router.match('GET', '/v1/models/alibaba/qwen3.5-flash:variant1')).toMatchObject(expected);
    expect(router.match('GET', '/v1/models/alibaba%2Fqwen3.5-flash%3Avariant1')).toMatchObject(expected);
  });

  it('reads several parameters around literal segments', () => {
    expect(router.match('GET', '/api/alibaba/qwen/endpoints')).toMatchObject({ parameters: { author: 'alibaba', slug: 'qwen' } });
  });

  it('answers HEAD as GET and names every method of a path that has no such method', () => {
    expect(router.match('HEAD', '/v1/models')).toMatchObject({ kind: 'found' });
    expect(router.match('DELETE', '/v1/models')).toEqual({ kind: 'wrong-method', allow: ['GET', 'HEAD'] });
  });

  it('takes a path of its own for no parameter of a wider one, whatever the method', () => {
    expect(router.match('POST', '/v1/models')).toEqual({ kind: 'wrong-method', allow: ['GET', 'HEAD'] });
    expect(router.match('GET', '/v1/qwen-flash')).toEqual({ kind: 'wrong-method', allow: ['POST'] });
  });

  it('names the nearest routes of a path that is none', () => {
    const match = router.match('POST', '/chat/completions');
    expect(match.kind === 'unknown' && match.nearby[0]).toBe('POST /v1/chat/completions');
    expect(router.match('GET', '/')).toMatchObject({ kind: 'unknown' });
  });

  it('finds no route in a percent-encoding that is broken, in an empty parameter, or past the end of a pattern', () => {
    for (const path of [
      '/v1/models/%E0%A4',
      '/v1/models/',
      '/v1/',
      '/v1/chat/completions/',
      '/v1/chat/completions/x',
      '//v1/models',
    ]) {
      expect(router.match('POST', path).kind, path).toBe('unknown');
    }
  });

  it('has no parameter that reaches a prototype', () => {
    const match = router.match('POST', '/v1/__proto__');
    expect(match.kind === 'found' && match.parameters['model']).toBe('__proto__');
  });
});

describe('pathOf', () => {
  it('cuts the query, ignores the host of an absolute target, and refuses what is no path', () => {
    expect(pathOf('/v1/models?limit=1')).toBe('/v1/models');
    expect(pathOf('http://elsewhere.example/v1/models?x')).toBe('/v1/models');
    expect(pathOf('*')).toBeUndefined();
    expect(pathOf('elsewhere.example:443')).toBeUndefined();
    expect(pathOf('http://elsewhere.example')).toBeUndefined();
  });
});
