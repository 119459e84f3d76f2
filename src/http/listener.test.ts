import { gzipSync, brotliCompressSync, deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnswerEvent } from '../model/event.ts';
import { faults, FlashmuxError, type FaultCode } from '../model/fault.ts';
import { opening, says, scripted, startListener, validKey, type StartedListener } from './listener.test-support.ts';

const bearer = { authorization: `Bearer ${validKey}` };
const json = { ...bearer, 'content-type': 'application/json' };
const body = JSON.stringify({ model: 'm' });

async function fresh(started: StartedListener, path: string, init: RequestInit = {}) {
  const reply = await fetch(`${started.url}${path}`, init);
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
}

function isFaultCode(text: string): text is FaultCode {
  return Object.hasOwn(faults, text);
}

let started: StartedListener;
beforeAll(async () => {
  started = await startListener(
    async function* serve(call) {
      const { model } = call.request;
      if (isFaultCode(model)) throw new FlashmuxError(model, 'scripted', { retryAfterSeconds: 2.1 });
      if (model === 'bug') throw new TypeError('a bug with a secret in it');
      if (model === 'silent') return;
      const notice: AnswerEvent = { kind: 'notice', notice: { code: 'stand-in', path: 'model', message: '' } };
      yield opening('tiny', [notice]);
      yield says('hello');
    },
    { limits: { bodyBytes: 100_000, bodyMs: 300 } },
  );
});
afterAll(() => started.listener.close());

function ask(model: string): ReturnType<typeof fresh> {
  return fresh(started, '/v1/say', { method: 'POST', headers: json, body: JSON.stringify({ model }) });
}

/** Sends bytes and not text, to which fetch would add a content type of its own. */
function post(headers: Record<string, string>, content: Uint8Array | ReadableStream | string): ReturnType<typeof fresh> {
  return fresh(started, '/v1/say', {
    method: 'POST',
    headers: { ...bearer, ...headers },
    body: typeof content === 'string' ? new TextEncoder().encode(content) : content,
    duplex: 'half',
  });
}

describe('every reply', () => {
  const cases: [string, string, RequestInit, number][] = [
    ['an answer', '/v1/say', { method: 'POST', headers: json, body }, 200],
    ['a stream', '/v1/say', { method: 'POST', headers: json, body: JSON.stringify({ model: 'm', stream: true }) }, 200],
    ['the model list', '/v1/models', { headers: bearer }, 200],
    ['health', '/healthz', {}, 200],
    ['HEAD', '/healthz', { method: 'HEAD' }, 200],
    ['an unknown path', '/v1/nothing', {}, 404],
    ['an unknown model', '/v1/models/nothing', { headers: bearer }, 404],
    ['a wrong method', '/v1/say', { method: 'DELETE' }, 405],
    ['OPTIONS', '/v1/say', { method: 'OPTIONS', headers: { origin: 'http://page.example' } }, 405],
    ['no key', '/v1/say', { method: 'POST', body }, 401],
    ['a bad key', '/v1/say', { method: 'POST', headers: { 'x-api-key': 'nope' }, body }, 401],
    ['bad JSON', '/v1/say', { method: 'POST', headers: json, body: '{' }, 400],
    ['a wrong type', '/v1/say', { method: 'POST', headers: json, body: '{"model": 1}' }, 400],
    ['another content type', '/v1/say', { method: 'POST', headers: { ...bearer, 'content-type': 'text/plain' }, body }, 415],
    ['a large body', '/v1/say', { method: 'POST', headers: json, body: ' '.repeat(100_001) }, 413],
    ['a bug', '/v1/say', { method: 'POST', headers: json, body: '{"model":"bug"}' }, 500],
    ['overload', '/v1/say', { method: 'POST', headers: json, body: '{"model":"overloaded"}' }, 503],
  ];

  it.each(cases)('has its ids and the headers of its kind: %s', async (_, path, init, status) => {
    const reply = await fresh(started, path, init);
    expect(reply.status).toBe(status);
    expect(reply.headers.get('x-request-id')).toMatch(/^req_[0-9a-z]{26}$/);
    expect(reply.headers.get('request-id')).toBe(reply.headers.get('x-request-id'));
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
    expect(reply.headers.get('content-type')).toMatch(/^(application\/json|text\/event-stream)/);
    expect(reply.headers.has('access-control-allow-origin')).toBe(false);
    if (status >= 400) {
      expect(reply.body.error.message).not.toBe('');
      expect(reply.body.request_id).toBe(reply.headers.get('x-request-id'));
    }
  });
});

describe('an answer', () => {
  it.each([false, true])('names who answered in its headers, streamed: %s', async (stream) => {
    const reply = await fresh(started, '/v1/say', {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ model: 'wanted', stream }),
    });
    expect(reply.headers.get('x-flashmux-model')).toBe('tiny');
    expect(reply.headers.get('x-flashmux-provider')).toBe('embedded');
    expect(reply.headers.get('x-flashmux-stand-in-for')).toBe('wanted');
    expect(reply.headers.get('x-flashmux-notices')).toBe('stand-in:model');
    expect(reply.headers.get('x-plain-answer')).toMatch(/^gen_/);
    expect(reply.text).toContain('hello');
  });

  it('without any event is a 500 and not an empty success', async () => {
    for (const stream of [false, true]) {
      const reply = await fresh(started, '/v1/say', {
        method: 'POST',
        headers: json,
        body: JSON.stringify({ model: 'silent', stream }),
      });
      expect(reply.status).toBe(500);
    }
  });
});

describe('a fault', () => {
  it('has the status that its dialect names', async () => {
    expect((await ask('insufficient_credits')).status).toBe(406);
  });

  it('says when to try again in whole seconds, rounded up', async () => {
    expect((await ask('rate_limited')).headers.get('retry-after')).toBe('3');
  });

  it('says that trying again is useless where the request itself must change', async () => {
    expect((await ask('unknown_model')).headers.get('x-should-retry')).toBe('false');
    expect((await ask('overloaded')).headers.has('x-should-retry')).toBe(false);
  });

  it('that is a bug tells the caller nothing, and the log all', async () => {
    const reply = await ask('bug');
    expect(reply.text).not.toContain('secret');
    const requestId = reply.headers.get('x-request-id');
    expect(started.logged.some((line) => line['requestId'] === requestId && line['error'] instanceof TypeError)).toBe(true);
  });

  it('of a path that does not exist names the routes nearby, and of a method those that are offered', async () => {
    expect((await fresh(started, '/say', { method: 'POST', body })).body.error.message).toContain('POST /v1/say');
    const reply = await fresh(started, '/v1/models', { method: 'POST', headers: json, body });
    expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

describe('a body', () => {
  it('is unpacked from gzip, deflate and brotli', async () => {
    for (const [coding, bytes] of [
      ['gzip', gzipSync(body)],
      ['deflate', deflateSync(body)],
      ['br', brotliCompressSync(body)],
    ] as const) {
      expect((await post({ 'content-encoding': coding }, new Uint8Array(bytes))).status, coding).toBe(200);
    }
  });

  it('that unpacks to more than the limit is too large, that cannot be unpacked is wrong, in another coding unsupported', async () => {
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(50_000_000)));
    expect((await post({ 'content-encoding': 'gzip' }, bomb)).status).toBe(413);
    expect((await post({ 'content-encoding': 'gzip' }, 'plain')).status).toBe(400);
    for (const coding of ['zstd', 'gzip, gzip', '__proto__', 'constructor']) {
      expect((await post({ 'content-encoding': coding }, body)).status, coding).toBe(415);
    }
  });

  it('of an unsaid content type is JSON, and one in another charset is refused', async () => {
    expect((await post({ 'content-type': 'application/json; charset=UTF-8' }, body)).status).toBe(200);
    expect((await post({ 'content-type': 'application/json; charset=utf-16' }, body)).status).toBe(415);
    expect((await post({}, body)).status).toBe(200);
  });

  it('that never ends in its time is a 408, in chunks without a length a 413 once it is over the limit', async () => {
    const slow = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{')) });
    expect((await post({}, slow)).status).toBe(408);
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(10_000).fill(0x20)) });
    const reply = await post({}, endless);
    expect(reply.status).toBe(413);
    expect(reply.body.error.message).toContain('100000 bytes');
  });

  it('is not read before the key was found valid', async () => {
    const invalid = await fresh(started, '/v1/say', { method: 'POST', headers: { 'x-api-key': 'nope' }, body: '{' });
    expect(invalid.body.error.code).toBe('invalid_key');
  });

  it('with the fields of a prototype harms nothing', async () => {
    expect((await post({}, '{"model":"m","__proto__":{"polluted":true},"constructor":{"prototype":{}}}')).status).toBe(200);
    expect('polluted' in {}).toBe(false);
  });
});

describe('/v1/models', () => {
  it('lists the models in the shape of OpenAI, with what a caller has to know', async () => {
    const { body: list } = await fresh(started, '/v1/models', { headers: bearer });
    expect(list).toMatchObject({
      object: 'list',
      data: [
        {
          id: 'qwen-m',
          object: 'model',
          created: 1_771_891_200,
          owned_by: 'alibaba',
          architecture: { input_modalities: ['text', 'image'], output_modalities: ['text'] },
          context_length: 1000,
          top_provider: { context_length: 1000, max_completion_tokens: 100 },
          pricing: { currency: 'USD', input: '0.10', output: '0.40', tiers: [{ max_input_tokens: 500 }, { rates: {} }] },
          supported_parameters: ['temperature', 'seed'],
          default_parameters: { temperature: 0.7 },
          variants: [{ id: 'qwen-m:variant1', region: 'cn', context_length: 2000 }],
          stand_in: { model: 'tiny' },
          ready: true,
        },
      ],
    });
    expect(list.data[0].parameters).toBeUndefined();
  });

  it('shows one model by id, alias and variant, with the schema of its parameters', async () => {
    for (const [id, title, context] of [
      ['qwen-m', 'qwen-m base', 1000],
      ['alibaba/qwen-m', 'qwen-m base', 1000],
      ['alibaba%2Fqwen-m', 'qwen-m base', 1000],
      ['qwen-m:variant1', 'qwen-m qwen-m:variant1', 2000],
      ['alibaba%2Fqwen-m%3Avariant1', 'qwen-m qwen-m:variant1', 2000],
    ] as const) {
      const { body: model } = await fresh(started, `/v1/models/${id}`, { headers: bearer });
      expect(model, id).toMatchObject({ object: 'model', parameters: { title }, context_length: context });
    }
  });

  it('shows a key only the models that it may call', async () => {
    const limited = { 'x-api-key': `${validKey}_limited` };
    expect((await fresh(started, '/v1/models', { headers: limited })).body.data).toEqual([]);
    expect((await fresh(started, '/v1/models/qwen-m', { headers: limited })).status).toBe(404);
    const ofVariant = { 'x-api-key': `${validKey}_variant` };
    expect((await fresh(started, '/v1/models', { headers: ofVariant })).body.data).toHaveLength(1);
  });

  it('needs a key', async () => {
    expect((await fresh(started, '/v1/models')).status).toBe(401);
    expect((await fresh(started, '/v1/models/qwen-m')).status).toBe(401);
  });
});

describe('/readyz', () => {
  it('is 503 with the reasons where a component is not ready', async () => {
    const engine = { ready: false, reason: 'no model yet' };
    await using unready = await startListener(scripted(), { readiness: () => ({ ready: false, components: { engine } }) });
    const reply = await fresh(unready, '/readyz');
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '1']);
    expect(reply.body).toEqual({ status: 'not_ready', components: { engine } });
    expect((await fresh(unready, '/healthz')).body).toEqual({ status: 'ok', version: '0.0.0-test' });
  });
});

describe('HEAD', () => {
  it('has the headers of GET, its length included, and no body', async () => {
    const get = await fresh(started, '/v1/models', { headers: bearer });
    const head = await fresh(started, '/v1/models', { method: 'HEAD', headers: bearer });
    expect([head.status, head.text]).toEqual([200, '']);
    expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
  });
});

describe('the log', () => {
  it('has one line a request, with the route and not with the key, the body or the path', async () => {
    await using logging = await startListener(scripted('a secret answer'));
    const content = JSON.stringify({ model: 'm', prompt: 'a secret prompt' });
    const reply = await fresh(logging, '/v1/say?secret=query', {
      method: 'POST',
      headers: { ...json, 'x-client-request-id': 'their-id' },
      body: content,
    });
    await fresh(logging, '/v1/models/secret-path', { headers: bearer });
    await expect.poll(() => logging.logged.length).toBe(2);
    expect(logging.logged[0]).toMatchObject({
      requestId: reply.headers.get('x-request-id'),
      method: 'POST',
      route: '/v1/say',
      status: 200,
      keyId: 'key_1',
      model: 'm',
      bytesIn: content.length,
      ending: 'answered',
      clientRequestId: 'their-id',
    });
    expect(logging.logged[0]?.['bytesOut']).toBeGreaterThan(100);
    expect(logging.logged[1]).toMatchObject({ route: '/v1/models/{id+}', status: 404, fault: 'unknown_model' });
    expect(JSON.stringify(logging.logged)).not.toMatch(/secret|fm_test_key/);
  });
});
