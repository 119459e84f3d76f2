import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { startTestServer } from '../support/test-server.ts';
import { exchange, startAdminServer, type AdminServer, type Reply } from './admin-client.ts';

// Who may call the admin API. Without a token that is whoever sits at this machine, and never a web page that is open on it.

const health = '/admin/v1/health';
const json = { 'content-type': 'application/json' };
const newAccount = JSON.stringify({ id: 'evil', limit: 'none' });

describe('without a token', () => {
  let admin: AdminServer;
  let port = '';
  beforeAll(async () => {
    admin = await startAdminServer({ admin: { names: ['Gateway.Internal'] } });
    ({ port } = new URL(admin.adminUrl));
  });
  afterAll(() => admin.stop());

  test('it listens on the loopback address only', () => {
    expect(new URL(admin.adminUrl).hostname).toBe('127.0.0.1');
  });

  test.each(['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]', '127.0.0.1:9000', 'gateway.internal'])(
    'the name %s is its own',
    async (host) => {
      const named = host.includes(':9000') ? host : `${host}:${port}`;
      expect(await admin.get(health, { host: named })).toMatchObject({ status: 200 });
    },
  );

  // A page of evil.example whose name was made to point to 127.0.0.1 (DNS rebinding) sends its own name.
  test.each(['evil.example', 'evil.example:4401', 'localhost.evil.example', '127.0.0.1.evil.example', 'localhost@evil', ''])(
    'a call under the name %j is refused, and so is its write',
    async (host) => {
      const told = await admin.get(health, { host });
      expect(told).toMatchObject({ status: 403, body: { error: { code: 'permission_denied' } } });
      expect(told.text).toContain('admin.names');
      expect((await admin.post('/admin/v1/accounts', { id: 'evil' }, { host })).status).toBe(403);
      expect((await admin.get('/admin/v1/accounts/evil')).status).toBe(404);
    },
  );

  test('two names at once are refused', async () => {
    const reply = await admin.get(health, { host: ['127.0.0.1', 'evil.example'] });
    expect(reply.status).toBe(403);
  });

  test.each(['http://evil.example', 'null', 'https://localhost.evil.example', 'http://127.0.0.1:1', 'file://'])(
    'a page of the origin %s is refused, whatever it asks for',
    async (origin) => {
      expect((await admin.get(health, { origin })).status).toBe(403);
      expect((await admin.post('/admin/v1/accounts', { id: 'evil' }, { origin })).status).toBe(403);
      const preflight = await exchange({ method: 'OPTIONS', url: admin.adminUrl + health, headers: { origin } });
      expect(preflight.status).toBe(403);
      expect(preflight.headers['access-control-allow-origin']).toBeUndefined();
    },
  );

  test('its own origin may call it', async () => {
    expect((await admin.get(health, { origin: admin.adminUrl })).status).toBe(200);
    expect((await admin.get(health, { origin: `http://localhost:${port}`, host: `localhost:${port}` })).status).toBe(200);
  });

  // These three types a page may send anywhere without asking first.
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    undefined,
  ])('a write of the type %s is refused', async (type) => {
    const headers = type === undefined ? {} : { 'content-type': type };
    const url = `${admin.adminUrl}/admin/v1/accounts`;
    const reply = await exchange({ method: 'POST', url, headers, body: newAccount });
    expect(reply).toMatchObject({ status: 415, body: { error: { code: 'unsupported_content_type' } } });
  });

  test('a key of callers is no token, and the routes of callers are not here', async () => {
    const reply = await admin.get('/v1/models', { authorization: `Bearer ${admin.server.key}` });
    expect(reply.status).toBe(404);
    expect((await fetch(`${admin.server.url}/admin/v1/accounts`)).status).toBe(404);
  });

  test.each([
    ['GET', '/admin/v1/nothing', 404],
    ['GET', '/admin/v1/accounts/local/topups', 405],
    ['DELETE', '/admin/v1/accounts/local', 405],
  ])('%s %s is %d in the envelope of every error, with a request id', async (method, path, status) => {
    const reply = await exchange({ method, url: admin.adminUrl + path, headers: json });
    expect(reply).toMatchObject({ status, body: { error: { message: expect.any(String), type: 'invalid_request_error' } } });
    expect(reply.headers['x-request-id']).toMatch(/^req_/);
  });

  test('a body of more than a megabyte is refused', async () => {
    const reply = await admin.post('/admin/v1/accounts', { id: 'x'.repeat(1_100_000) });
    expect(reply.status).toBe(413);
  });

  test('JSON that is none is told with its place', async () => {
    const url = `${admin.adminUrl}/admin/v1/accounts`;
    const reply = await exchange({ method: 'POST', url, headers: json, body: '{"id": }' });
    expect(reply).toMatchObject({ status: 400, body: { error: { code: 'invalid_json' } } });
    expect(reply.text).toContain('column 8');
  });
});

describe('with a token', () => {
  const token = 'a-token-of-the-operator';
  let admin: AdminServer;
  beforeAll(async () => {
    admin = await startAdminServer({ admin: { token } });
  });
  afterAll(() => admin.stop());

  const ask = (headers: Readonly<Record<string, string | readonly string[]>>): Promise<Reply> =>
    exchange({
      method: 'GET',
      url: admin.adminUrl + health,
      headers,
    });

  test('it opens with the token', async () => {
    expect((await ask({ authorization: `Bearer ${token}` })).status).toBe(200);
    expect((await ask({ authorization: `bearer ${token}` })).status).toBe(200);
  });

  test('without one it says which it wants', async () => {
    const reply = await ask({});
    expect(reply).toMatchObject({ status: 401, body: { error: { code: 'missing_api_key' } } });
    expect(reply.text).toContain('admin.token');
    expect(reply.headers['www-authenticate']).toBe('Bearer');
  });

  test.each([
    `Bearer ${token}x`,
    `Bearer ${token.slice(0, -1)}`,
    'Bearer ',
    token,
    `Basic ${Buffer.from(`admin:${token}`).toString('base64')}`,
  ])('%j is refused, and does not come back in the refusal', async (authorization) => {
    const reply = await ask({ authorization });
    expect(reply).toMatchObject({ status: 401, body: { error: { code: 'invalid_api_key' } } });
    expect(reply.text).not.toContain('a-token');
  });

  test('the right one beside a wrong one is refused', async () => {
    expect((await ask({ authorization: ['Bearer wrong-token-here', `Bearer ${token}`] })).status).toBe(401);
  });

  test('a strange name or origin is refused with the token too', async () => {
    expect((await ask({ authorization: `Bearer ${token}`, host: 'evil.example' })).status).toBe(403);
    expect((await ask({ authorization: `Bearer ${token}`, origin: 'http://evil.example' })).status).toBe(403);
  });
});

describe('settings', () => {
  const problem = (admin: object): string => configSchema.safeParse({ admin }).error?.message ?? '';

  test.each(['0.0.0.0', '::', '10.0.0.5', 'gateway.internal', '127.evil.example'])(
    'the address %s without a token is refused before anything starts',
    (host) => {
      expect(problem({ host })).toContain('must be set where admin.host is not a loopback address');
      expect(problem({ host, token: 'x'.repeat(16) })).toBe('');
      expect(problem({ host, enabled: false })).toBe('');
    },
  );

  test.each(['127.0.0.1', '127.8.8.8', 'localhost', '::1'])('the address %s needs none', (host) => {
    expect(problem({ host })).toBe('');
  });

  test.each(['', 'short', 'x'.repeat(15)])('the token %j is refused', (token) => {
    expect(problem({ token })).toContain('at least 16 characters');
  });

  test('switched off, there is no admin API', async () => {
    const server = await startTestServer({ settings: { engine: { enabled: false }, admin: { enabled: false } } });
    try {
      expect(await server.server.startAdmin()).toBeUndefined();
    } finally {
      await server.stop();
    }
  });
});
