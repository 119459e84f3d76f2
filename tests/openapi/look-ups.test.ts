import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseJson, type Json, type JsonObject } from '../../src/model/json.ts';
import { closed, SchemaChecker } from '../support/json-schema/schema-checker.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { eventsIn } from './events-in.ts';
import { operationsOf, requireObject, textAt, type Operation } from './read-document.ts';

let server: TestServer;
let operations: readonly Operation[];
let checker: SchemaChecker;
beforeAll(async () => {
  server = await startTestServer();
  const document = requireObject(parseJson(await (await fetch(`${server.url}/openapi.json`)).text()));
  operations = operationsOf(document);
  checker = new SchemaChecker(closed(objectsIn(requireObject(requireObject(document['components'])['schemas']))));
});
afterAll(() => server.stop());

interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** As the document has it. */
  readonly path: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
}

/** The calls whose answers were looked at. */
const seen = new Set<string>();

/** Makes the call and holds its answer against the document, which must tell all of it. */
async function answerTo({ method, path, parameters = {}, query = '', headers, body }: Call): Promise<JsonObject> {
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => parameters[name] ?? 'missing') + query;
  const reply = await fetch(server.url + address, {
    method,
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  const place = `${method} ${address}: ${reply.status} ${text.slice(0, 500)}`;
  const found = operations.find((one) => one.path === path && one.method === method.toLowerCase());
  const told = requireObject(requireObject(found?.operation['responses'], place)[String(reply.status)], place);
  expect(reply.status, place).toBe(200);
  const type = (reply.headers.get('content-type') ?? '').split(';', 1)[0] ?? '';
  const schema = requireObject(requireObject(requireObject(told['content'], place)[type], place)['schema'], place);
  const values = valuesIn(type, text);
  expect(values.length).toBeGreaterThan(0);
  const whole = requireObject(closed({ it: schema })['it']);
  for (const value of values) expect(checker.complaint(whole, value), place).toBeUndefined();
  seen.add(`${method} ${path}`);
  return type === 'application/json' ? requireObject(values[0]) : {};
}

function valuesIn(type: string, text: string): readonly Json[] {
  if (type === 'text/event-stream') return eventsIn(text);
  return type === 'application/json' ? [parseJson(text) ?? null] : [text];
}

async function chat(model: string): Promise<JsonObject> {
  const reply = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  return requireObject(parseJson(await reply.text()));
}

test('look-ups of models, credits and calls answer what the document says, and nothing more', async () => {
  const id = textAt(await chat('scripted/hello'), 'id');
  await chat('scripted/tools');
  await chat('scripted/500');
  const get = (path: string, more: Partial<Call> = {}): Promise<JsonObject> => answerTo({ method: 'GET', path, ...more });
  await get('/healthz');
  await get('/readyz');
  await get('/openapi.json');
  await get('/docs');
  const anthropic = { headers: { 'anthropic-version': '2023-06-01' } };
  const model = { parameters: { id: 'qwen3.5-flash' } };
  await get('/v1/models');
  await get('/v1/models', { ...anthropic, query: '?limit=3' });
  await get('/v1/models/{id}', model);
  await get('/v1/models/{id}', { parameters: { id: 'qwen3.5-flash:variant1' } });
  await get('/v1/models/{id}', { ...model, ...anthropic });
  await get('/v1/models/{id}/endpoints', model);
  await get('/v1/models/{author}/{slug}/endpoints', { parameters: { author: 'scripted', slug: 'hello' } });
  await get('/v1/credits');
  await get('/v1/key');
  await get('/v1/generation', { query: `?id=${id}` });
  for (const query of ['', '?group_by=key', '?group_by=day', '?group_by=tool', '?format=csv']) await get('/v1/usage', { query });
  for (const group of ['day', 'model', 'credential_type']) {
    await get('/v1/report', { query: `?start_date=2026-01-01&end_date=2099-01-01&group_by=${group}` });
  }
  await get('/v3/ai/config');
  await get('/v4/ai/config');
  const slug = { parameters: { author: 'qwen', slug: 'qwen3.5-flash' } };
  await get('/api/v1/models');
  await get('/api/v1/models', { query: '?limit=1' });
  await get('/api/v1/models/user');
  await get('/api/v1/models/count');
  await get('/api/v1/model/{author}/{slug}', slug);
  await get('/api/v1/models/{author}/{slug}/endpoints', slug);
  await get('/api/v1/credits');
  await get('/api/v1/key');
  await get('/api/v1/generation', { query: `?id=${id}` });
});

test('kept responses and conversations are told as the document says, and nothing more', async () => {
  const asked = { model: 'scripted/hello', input: 'Hello' };
  const stored = await answerTo({ method: 'POST', path: '/v1/responses', body: { ...asked, store: true } });
  const kept = { parameters: { id: textAt(stored, 'id') } };
  await answerTo({ method: 'GET', path: '/v1/responses/{id}', ...kept });
  await answerTo({ method: 'GET', path: '/v1/responses/{id}', ...kept, query: '?stream=true' });
  await answerTo({ method: 'GET', path: '/v1/responses/{id}/input_items', ...kept });
  await answerTo({ method: 'POST', path: '/v1/responses/input_tokens', body: asked });
  await answerTo({ method: 'POST', path: '/v1/responses/compact', body: asked });
  await answerTo({ method: 'DELETE', path: '/v1/responses/{id}', ...kept });
  const running = await answerTo({ method: 'POST', path: '/v1/responses', body: { ...asked, background: true } });
  await answerTo({ method: 'POST', path: '/v1/responses/{id}/cancel', parameters: { id: textAt(running, 'id') } });
  const items = [{ role: 'user', content: 'Hello' }];
  const opened = await answerTo({ method: 'POST', path: '/v1/conversations', body: { items, metadata: { a: 'b' } } });
  const conversation = { parameters: { id: textAt(opened, 'id') } };
  await answerTo({ method: 'GET', path: '/v1/conversations/{id}', ...conversation });
  await answerTo({ method: 'POST', path: '/v1/conversations/{id}', ...conversation, body: { metadata: { c: 'd' } } });
  const added = await answerTo({ method: 'POST', path: '/v1/conversations/{id}/items', ...conversation, body: { items } });
  await answerTo({ method: 'GET', path: '/v1/conversations/{id}/items', ...conversation, query: '?limit=1' });
  const item = { parameters: { ...conversation.parameters, item: textAt(added, 'last_id') } };
  await answerTo({ method: 'GET', path: '/v1/conversations/{id}/items/{item}', ...item });
  await answerTo({ method: 'DELETE', path: '/v1/conversations/{id}/items/{item}', ...item });
  await answerTo({ method: 'DELETE', path: '/v1/conversations/{id}', ...conversation });
});

test('tokens are counted as the document says', async () => {
  const messages = [{ role: 'user', content: 'Hello' }];
  await answerTo({ method: 'POST', path: '/v1/messages/count_tokens', body: { model: 'scripted/hello', messages } });
});

test('no look-up was left out', () => {
  const lookUps = operations
    .filter(({ method }) => method !== 'post')
    .map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  expect(lookUps.filter((name) => !seen.has(name))).toEqual([]);
});

function objectsIn(values: JsonObject): Readonly<Record<string, JsonObject>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, requireObject(value, name)]));
}
