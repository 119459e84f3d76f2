import { describe, expect, it } from 'vitest';
import { FlashmuxError } from '../../model/fault.ts';
import { retryAfterSeconds, upstreamFault, type ErrorReply } from './upstream-fault.ts';

const now = Date.UTC(2026, 10, 20, 12, 0, 0);

function reply(more: Partial<ErrorReply>): ErrorReply {
  return { provider: 'host', status: 500, headers: {}, body: '', now, ...more };
}

const client = {
  readFault: (status: number, body: unknown): FlashmuxError =>
    new FlashmuxError('invalid_request', `${status} ${JSON.stringify(body)}`, { param: 'a.b' }),
};

describe('upstreamFault', () => {
  it.each([
    [401, 'k', /configured key of provider "host" was refused/],
    [402, 'k', /no credit/],
    [403, 'k', /may not use/],
    [401, undefined, /wants a key and none is configured/],
  ])('a %i with the key %s is the fault of this server, not of the caller', (status, key, message) => {
    const fault = upstreamFault(
      reply({ status, body: '{"error":{"message":"sk-1234"}}', ...(key === undefined ? {} : { apiKey: key }) }),
      client,
    );
    expect(fault.code).toBe('upstream_refused');
    expect(fault.message).toMatch(message);
    expect(JSON.stringify(fault.upstream)).toBe(JSON.stringify({ status, provider: 'host' }));
  });

  it('gives the protocol the body as JSON where it is JSON, and puts provider, status and wait on its fault', () => {
    const fault = upstreamFault(reply({ status: 429, body: '{"a":1}', headers: { 'retry-after': '3' } }), client);
    expect(fault).toMatchObject({ code: 'invalid_request', message: '429 {"a":1}', param: 'a.b', retryAfterSeconds: 3 });
    expect(fault.upstream).toEqual({ provider: 'host', status: 429, body: { a: 1 } });
  });

  it('gives the protocol text where the body is none', () => {
    expect(upstreamFault(reply({ status: 502, body: '<html>' }), client).message).toBe('502 "<html>"');
  });

  it('never repeats the key', () => {
    const fault = upstreamFault(reply({ status: 400, body: 'bad key sk-secret', apiKey: 'sk-secret' }), client);
    expect(`${fault.message} ${JSON.stringify(fault.upstream)}`).not.toContain('sk-secret');
  });

  it('a redirect is a wrong base URL', () => {
    expect(upstreamFault(reply({ status: 308 }), client)).toMatchObject({ code: 'upstream_failed' });
  });
});

describe('retryAfterSeconds', () => {
  it.each([
    [{ 'retry-after': '7' }, 7],
    [{ 'retry-after': '0.2' }, 1],
    [{ 'retry-after-ms': '1500' }, 2],
    [{ 'retry-after-ms': '200', 'retry-after': '60' }, 1],
    [{ 'retry-after': 'Fri, 20 Nov 2026 12:00:05 GMT' }, 5],
    [{ 'retry-after': 'Fri, 20 Nov 2026 11:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, 0],
    [{}, undefined],
  ])('reads %j as %s', (headers, seconds) => {
    expect(retryAfterSeconds(headers, now)).toBe(seconds);
  });
});
