import OpenAI from 'openai';
import type { ResponsesWS } from 'openai/resources/responses/ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { isJsonObject, parseJson } from '../../src/model/json.ts';
import type { JsonObject } from '../../src/model/json.ts';
import { startTestServer } from '../support/test-server.ts';
import type { TestServer } from '../support/test-server.ts';

// The WebSocket mode: of the Open Responses specification of 2026-04-24.

const settings = { engine: { enabled: false }, scripted: { enabled: true }, server: { port: 0, max_body_bytes: 65_536 } };

/** One connection, and every message that has come over it. */
class Connection {
  readonly messages: JsonObject[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<number>;
  #read = 0;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      const message = parseJson(data.toString());
      if (isJsonObject(message)) this.messages.push(message);
    });
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.once('close', resolve));
  }

  static async open(
    server: TestServer,
    options: { readonly protocols?: string[]; readonly key?: string } = {},
  ): Promise<Connection> {
    const headers = options.protocols === undefined ? { authorization: `Bearer ${options.key ?? server.key}` } : {};
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/responses`, options.protocols ?? [], { headers });
    const client = new Connection(socket);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  say(message: JsonObject): void {
    this.socket.send(JSON.stringify(message));
  }

  /** The messages since the last call, up to the first of these types. */
  async until(...types: readonly string[]): Promise<readonly JsonObject[]> {
    const at = (): number =>
      this.messages.findIndex(({ type }, index) => index >= this.#read && types.some((wanted) => wanted === type));
    await expect.poll(at, { timeout: 20_000, interval: 10 }).toBeGreaterThanOrEqual(0);
    const told = this.messages.slice(this.#read, at() + 1);
    this.#read = at() + 1;
    return told;
  }

  async turn(body: JsonObject): Promise<JsonObject> {
    this.say({ type: 'response.create', ...body });
    return (await this.until('response.completed', 'response.incomplete', 'error')).at(-1) ?? {};
  }
}

function responseIn(event: JsonObject | undefined): JsonObject {
  const response = event?.['response'];
  return isJsonObject(response) ? response : {};
}

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ settings });
});
afterAll(() => server.stop());

test('the events of a turn are those of the same stream over HTTP', async () => {
  const body = { model: 'scripted/thinking', input: 'Hi' };
  const client = await Connection.open(server);
  client.say({ type: 'response.create', ...body });
  const told = await client.until('response.completed');
  const openai = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key });
  const streamed = await Array.fromAsync(await openai.responses.create({ ...body, stream: true }));
  expect(told.map(({ type, sequence_number }) => [type, sequence_number])).toEqual(
    streamed.map(({ type, sequence_number }) => [type, sequence_number]),
  );
  expect(responseIn(told.at(-1))).toMatchObject({ status: 'completed', usage: { output_tokens: expect.any(Number) } });
  client.socket.close();
});

test('turns come one after the other, and go on from what is kept nowhere else', async () => {
  const client = await Connection.open(server);
  const first = responseIn(await client.turn({ model: 'scripted/echo', input: 'One', store: false }));
  const second = responseIn(
    await client.turn({ model: 'scripted/echo', input: 'Two', store: false, previous_response_id: first['id'] ?? '' }),
  );
  expect(second).toMatchObject({ status: 'completed', previous_response_id: first['id'], store: false });
  const tokens = ({ usage }: JsonObject): unknown => (isJsonObject(usage) ? usage['input_tokens'] : undefined);
  expect(tokens(second)).toBeGreaterThan(Number(tokens(first)));
  // Nothing of it is found over HTTP, nor on another connection.
  const other = await Connection.open(server);
  expect(await other.turn({ model: 'scripted/echo', input: 'Two', previous_response_id: second['id'] ?? '' })).toMatchObject({
    type: 'error',
    status: 400,
    error: { code: 'previous_response_not_found', param: 'previous_response_id' },
  });
  client.socket.close();
  other.socket.close();
});

test('tools are answered over the same connection', async () => {
  const client = await Connection.open(server);
  const tools = [{ type: 'function', name: 'weather', parameters: { type: 'object', properties: {} } }];
  const asked = responseIn(await client.turn({ model: 'scripted/tools', input: 'Weather?', tools, store: false }));
  const [call] = Array.isArray(asked['output']) ? asked['output'].filter((item) => isJsonObject(item)) : [];
  const results = [{ type: 'function_call_output', call_id: call?.['call_id'] ?? '', output: 'rain' }];
  const told = await client.turn({
    model: 'scripted/tools',
    input: results,
    tools,
    store: false,
    previous_response_id: asked['id'] ?? '',
  });
  expect(JSON.stringify(responseIn(told))).toContain('The tool said: rain');
  client.socket.close();
});

test('what is kept is found over HTTP, and the other way round', async () => {
  const openai = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: server.key });
  const client = await Connection.open(server);
  const first = await openai.responses.create({ model: 'scripted/echo', input: 'One' });
  const second = responseIn(await client.turn({ model: 'scripted/echo', input: 'Two', previous_response_id: first.id }));
  const id = typeof second['id'] === 'string' ? second['id'] : '';
  expect(await openai.responses.retrieve(id)).toMatchObject({ id, previous_response_id: first.id });
  client.socket.close();
});

test('several turns asked for at once are taken in order, each in its lane', async () => {
  const client = await Connection.open(server);
  for (const word of ['One', 'Two', 'Three']) {
    client.say({ type: 'response.create', model: 'scripted/echo', input: word, stream_id: word });
  }
  for (const word of ['One', 'Two', 'Three']) {
    const told = await client.until('response.completed');
    expect(new Set(told.map(({ stream_id }) => stream_id))).toEqual(new Set([word]));
    expect(JSON.stringify(responseIn(told.at(-1))['output'])).toContain(`"${word}"`);
  }
  client.socket.close();
});

test('a turn that generates nothing is gone on from', async () => {
  const [client, other] = [await Connection.open(server), await Connection.open(server)];
  const warm = responseIn(await client.turn({ model: 'scripted/echo', input: 'Remember this.', store: false, generate: false }));
  expect(warm).toMatchObject({ status: 'completed', output: [] });
  const cold = responseIn(await other.turn({ model: 'scripted/echo', input: 'Now', store: false }));
  const next = responseIn(
    await client.turn({ model: 'scripted/echo', input: 'Now', store: false, previous_response_id: warm['id'] ?? '' }),
  );
  expect(next['output']).toMatchObject([{ content: [{ text: 'Now' }] }]);
  expect(Number(isJsonObject(next['usage']) ? next['usage']['input_tokens'] : 0)).toBeGreaterThan(
    Number(isJsonObject(cold['usage']) ? cold['usage']['input_tokens'] : 0),
  );
  client.socket.close();
  other.socket.close();
});

test('a cancelled turn ends with an error, and the next one is taken', async () => {
  const client = await Connection.open(server);
  client.say({ type: 'response.create', model: 'scripted/stall', input: 'Hi' });
  await client.until('response.output_text.delta');
  client.say({ type: 'response.cancel' });
  expect((await client.until('error')).at(-1)).toMatchObject({ error: { message: 'The response was cancelled.' } });
  expect(responseIn(await client.turn({ model: 'scripted/hello', input: 'Hi' }))).toMatchObject({ status: 'completed' });
  client.socket.close();
});

test('a connection that closes stops its turn', async () => {
  const client = await Connection.open(server);
  client.say({ type: 'response.create', model: 'scripted/stall', input: 'Hi' });
  await client.until('response.output_text.delta');
  expect(server.server.inFlight()).toBe(1);
  client.socket.terminate();
  await server.idle();
});

test.each([
  ['no JSON', 'nonsense', { status: 400, code: 'invalid_json' }],
  ['no object', '[]', { status: 400, code: 'invalid_value' }],
  ['a type that is not known', '{"type":"response.steer"}', { status: 400, param: 'type' }],
  ['no model', '{"type":"response.create","input":"Hi"}', { status: 400, param: 'model' }],
  ['an unknown model', '{"type":"response.create","model":"nobody","input":"Hi"}', { status: 404, code: 'model_not_found' }],
  ['a response in the background', '{"type":"response.create","background":true}', { status: 400, param: 'background' }],
])('%s is an error event, and the connection stays', async (_, text, expected) => {
  const client = await Connection.open(server);
  client.socket.send(text);
  const { status, ...told } = expected;
  expect((await client.until('error')).at(-1)).toMatchObject({ status, ...told, error: told });
  expect(responseIn(await client.turn({ model: 'scripted/hello', input: 'Hi' }))).toMatchObject({ status: 'completed' });
  client.socket.close();
});

test('an error in the middle of a turn comes after what was said', async () => {
  const client = await Connection.open(server);
  client.say({ type: 'response.create', model: 'scripted/error-mid-stream', input: 'Hi' });
  const told = await client.until('error');
  expect(told.map(({ type }) => type)).toContain('response.output_text.delta');
  expect(told.at(-1)).toMatchObject({ type: 'error', error: { code: 'overloaded' } });
  client.socket.close();
});

test('a message larger than a body may be closes the connection', async () => {
  const client = await Connection.open(server);
  client.say({ type: 'response.create', model: 'scripted/hello', input: 'x'.repeat(70_000) });
  expect(await client.closed).toBe(1009);
});

test('the key is looked at before the connection and at every turn', async () => {
  await expect(Connection.open(server, { key: 'fm_live_wrong' })).rejects.toThrow('401');
  const { id, secret } = await server.server.home.access.create({ name: 'short', accountId: 'local' });
  const client = await Connection.open(server, { key: secret });
  expect(responseIn(await client.turn({ model: 'scripted/hello', input: 'Hi' }))).toMatchObject({ status: 'completed' });
  await server.server.home.access.revoke(id);
  expect(await client.turn({ model: 'scripted/hello', input: 'Hi' })).toMatchObject({
    status: 401,
    error: { code: 'invalid_api_key' },
  });
  client.socket.close();
});

test('a browser says the key as a subprotocol', async () => {
  const client = await Connection.open(server, { protocols: ['realtime', `openai-insecure-api-key.${server.key}`] });
  expect(client.socket.protocol).toBe('realtime');
  expect(responseIn(await client.turn({ model: 'scripted/hello', input: 'Hi' }))).toMatchObject({ status: 'completed' });
  client.socket.close();
});

test('there is a socket at one path only, and other upgrades are answered as if they had not been asked for', async () => {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/elsewhere`, { headers: { authorization: server.key } });
  await expect(new Promise((_, reject) => socket.once('error', reject))).rejects.toThrow('404');
  const { default: http } = await import('node:http');
  const status = await new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${server.key}`, connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c' };
    http.get(`${server.url}/v1/models`, { headers }, (response) => resolve(response.resume().statusCode)).on('error', reject);
  });
  expect(status).toBe(200);
});

test('a server that shuts down lets a turn end, and takes no other', async () => {
  const own = await startTestServer({ settings });
  const [busy, quiet] = [await Connection.open(own), await Connection.open(own)];
  busy.say({ type: 'response.create', model: 'scripted/slow-tokens', input: 'Hi' });
  await busy.until('response.output_text.delta');
  const stopped = own.stop();
  expect(await quiet.closed).toBe(1001);
  busy.say({ type: 'response.create', model: 'scripted/hello', input: 'Hi' });
  expect((await busy.until('response.completed')).map(({ type }) => type)).toContain('error');
  expect(await busy.closed).toBe(1001);
  await stopped;
});

describe.each(['openai', 'openai-6'])('%s', (specifier) => {
  test('has its conversation over a socket', async () => {
    const { default: Client }: { readonly default: typeof OpenAI } = await import(specifier);
    const { ResponsesWS: Socket }: { readonly ResponsesWS: typeof ResponsesWS } = await import(
      `${specifier}/resources/responses/ws`
    );
    const socket = new Socket(new Client({ baseURL: `${server.url}/v1`, apiKey: server.key }));
    const texts: string[] = [];
    const done = Promise.withResolvers<void>();
    const say = (input: string, previous?: string): void =>
      socket.send({
        type: 'response.create',
        model: 'scripted/echo',
        input,
        previous_response_id: previous ?? null,
        store: false,
      });
    socket.on('response.output_text.done', ({ text }) => texts.push(text));
    socket.on('error', done.reject);
    socket.on('response.completed', ({ response }) => {
      if (texts.length === 2) done.resolve();
      else say('Two', response.id);
    });
    say('One');
    await done.promise;
    expect(texts).toEqual(['One', 'Two']);
    socket.close();
  });
});
