import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postChat, postText, shortChat } from '../support/chat-body.ts';
import { expectRequestIds, faultReply } from '../support/fault-reply.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const maxBodyBytes = 262_144;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ settings: { server: { port: 0, max_body_bytes: maxBodyBytes } } });
});
afterAll(() => server.stop());

const good = JSON.stringify(shortChat);
const chat = '/v1/chat/completions';

describe('a body that is no request', () => {
  const bodies: readonly (readonly [name: string, body: string | Uint8Array<ArrayBuffer>, code: string, message: RegExp])[] = [
    ['nothing', '', 'invalid_json', /position 0/],
    ['a cut object', good.slice(0, -1), 'invalid_json', /line 1, column \d+/],
    ['a trailing comma', '{"model":"m",}', 'invalid_json', /name in double quotes/],
    ['single quotes', "{'model':'m'}", 'invalid_json', /name in double quotes/],
    ['two values', '{} {}', 'invalid_json', /end of the body/],
    ['NaN', '{"temperature":NaN}', 'invalid_json', /position 15/],
    ['a control character in a string', '{"model":"a\u0000b"}', 'invalid_json', /escaped character/],
    ['bytes that are no UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'invalid_json', /UTF-8/],
    ['65 levels', '['.repeat(65) + ']'.repeat(65), 'invalid_json', /deeper than 64/],
    ['a million levels', '['.repeat(260_000), 'invalid_json', /deeper than 64/],
    ['an array', '[]', 'invalid_value', /a JSON object with model and messages/],
    ['a string', '"Hello"', 'invalid_value', /a JSON object with model and messages/],
    ['null', 'null', 'invalid_value', /a JSON object with model and messages/],
    ['an empty object', '{}', 'invalid_value', /model is missing/],
  ];

  test.each(bodies)('%s', async (_, body, code, message) => {
    const fault = await faultReply(await postText(server, body));
    expect(fault).toMatchObject({ status: 400, type: 'invalid_request_error', code });
    expect(fault.message).toMatch(message);
  });

  test('larger than the limit, announced or not, packed or not', async () => {
    const large = JSON.stringify({ ...shortChat, padding: ' '.repeat(maxBodyBytes) });
    const stream = (): ReadableStream => new Blob([large]).stream();
    const replies = [
      await postText(server, large),
      await fetch(`${server.url}${chat}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${server.key}` },
        body: stream(),
        duplex: 'half',
      }),
      await postText(server, new Uint8Array(gzipSync(large)), { headers: { 'content-encoding': 'gzip' } }),
    ];
    for (const reply of replies) {
      const fault = await faultReply(reply);
      expect(fault).toMatchObject({ status: 413, code: 'request_too_large', param: null });
      expect(fault.message).toContain(`${maxBodyBytes} bytes`);
    }
  });

  test('of another type or coding', async () => {
    for (const headers of [{ 'content-type': 'text/plain' }, { 'content-encoding': 'zstd' }]) {
      const fault = await faultReply(await postText(server, good, { headers }));
      expect(fault).toMatchObject({ status: 415, code: 'unsupported_content_type' });
    }
    const broken = await faultReply(await postText(server, good, { headers: { 'content-encoding': 'gzip' } }));
    expect(broken).toMatchObject({ status: 400, code: 'invalid_value' });
  });

  test('that says a name twice is read like any JSON: the last one counts', async () => {
    const fault = await faultReply(await postText(server, good.replace('{', '{"temperature":1,"temperature":9,')));
    expect(fault).toMatchObject({ status: 400, param: 'temperature' });
  });
});

describe('a model that does not exist', () => {
  test.each([
    'nobody',
    'qwen3.5-flashy',
    '__proto__',
    'constructor',
    'qwen3.5-flash:variant9',
    ' ',
    'm'.repeat(10_000),
    'a\r\nb',
  ])('%j', async (model) => {
    const fault = await faultReply(await postChat(server, { ...shortChat, model }));
    expect(fault).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
    expect(fault.message).toContain('/v1/models');
    expect(fault.message.length).toBeLessThan(400);
  });

  test('in the path', async () => {
    const headers = { authorization: `Bearer ${server.key}` };
    const fault = await faultReply(await fetch(`${server.url}/v1/models/nobody`, { headers }));
    expect(fault).toMatchObject({ status: 404, code: 'model_not_found' });
  });
});

describe('a route that does not exist', () => {
  const routes: readonly (readonly [method: string, path: string, status: number, code: string])[] = [
    ['GET', chat, 405, 'method_not_allowed'],
    ['PUT', chat, 405, 'method_not_allowed'],
    ['DELETE', chat, 405, 'method_not_allowed'],
    ['OPTIONS', chat, 405, 'method_not_allowed'],
    ['POST', '/v1/models', 405, 'method_not_allowed'],
    ['POST', '/v1/chat/completion', 404, 'unknown_url'],
    ['POST', `${chat}/`, 404, 'unknown_url'],
    ['GET', '/', 404, 'unknown_url'],
    ['GET', '/v1/models/%E0%A4', 404, 'unknown_url'],
    ['GET', '/../../etc/passwd', 404, 'unknown_url'],
  ];

  test.each(routes)('%s %s', async (method, path, status, code) => {
    const reply = await fetch(`${server.url}${path}`, { method, headers: { authorization: `Bearer ${server.key}` } });
    expect(await faultReply(reply)).toMatchObject({ status, code, param: null });
    if (status === 405) expect(reply.headers.get('allow')).toMatch(/GET|POST/);
  });
});

describe('a key that does not open', () => {
  const keys: readonly (readonly [name: string, headers: Record<string, string>, status: number, code: string])[] = [
    ['none', {}, 401, 'missing_api_key'],
    ['an empty one', { 'x-api-key': '' }, 401, 'missing_api_key'],
    ['a made-up one', { authorization: 'Bearer fm_live_0000000000000000' }, 401, 'invalid_api_key'],
    ['another scheme', { authorization: 'Basic Zm06Zm0=' }, 401, 'invalid_api_key'],
    ['ten thousand characters', { 'x-api-key': 'k'.repeat(10_000) }, 401, 'invalid_api_key'],
    ['characters no key has', { 'x-api-key': 'fm_live_é%00' }, 401, 'invalid_api_key'],
  ];

  test.each(keys)('%s', async (_, headers, status, code) => {
    const reply = await fetch(`${server.url}${chat}`, { method: 'POST', body: good, headers });
    expect(await faultReply(reply)).toMatchObject({ status, code, type: 'authentication_error' });
    expect(reply.headers.get('www-authenticate')).toBe('Bearer');
  });

  test('two different ones', async () => {
    const headers = { 'x-api-key': 'fm_live_other' };
    expect(await faultReply(await postText(server, good, { headers }))).toMatchObject({ status: 400, code: 'invalid_value' });
  });

  test('both headers are accepted, each alone', async () => {
    for (const headers of [{ authorization: `Bearer ${server.key}` }, { 'x-api-key': server.key }]) {
      const reply = await fetch(`${server.url}/v1/models`, { headers });
      expect(reply.status).toBe(200);
      expectRequestIds(reply);
    }
  });
});

test('bytes that are no HTTP get an envelope too, and the connection ends', async () => {
  const { port } = new URL(server.url);
  const socket = connect(Number(port), '127.0.0.1');
  const received: Buffer[] = [];
  socket.on('data', (chunk) => received.push(chunk));
  socket.write('this is no HTTP\r\n\r\n');
  await once(socket, 'close');
  const [head = '', body = ''] = Buffer.concat(received).toString().split('\r\n\r\n');
  expect(head).toMatch(/^HTTP\/1\.1 400 /);
  expect(head).toMatch(/\r\nx-request-id: req_/);
  expect(JSON.parse(body)).toMatchObject({ error: { type: 'invalid_request_error', param: null } });
});

test('a wrong request that asks for a stream is answered as JSON with a status', async () => {
  const fault = await faultReply(await postChat(server, { ...shortChat, stream: true, temperature: 9 }));
  expect(fault).toMatchObject({ status: 400, param: 'temperature' });
  const late = await faultReply(await postChat(server, { ...shortChat, stream: true, logit_bias: { 99_999: 1 } }));
  expect(late).toMatchObject({ status: 400, param: 'logit_bias.99999' });
});
