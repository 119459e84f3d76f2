import { request as httpRequest } from 'node:http';
import type { Json, JsonObject } from '../../src/model/json.ts';
import type { Log } from '../../src/telemetry/log.ts';
import { startRecordingUpstream } from '../support/recording-upstream.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

/** The whole program with its admin API on a free port, and a host that says it used 3 tokens in and 1 out. */
export interface AdminServer {
  readonly server: TestServer;
  readonly adminUrl: string;
  get(path: string, headers?: Headers): Promise<Reply>;
  post(path: string, body?: Json, headers?: Headers): Promise<Reply>;
  patch(path: string, body: Json): Promise<Reply>;
  /** One call of the model that the host serves, for a user where one is named. Gives the request's id. */
  chat(key: string, user?: string): Promise<string>;
  stop(): Promise<void>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Empty where the text is no JSON object. */
  readonly body: Told;
}

export interface Told extends JsonObject {
  readonly data?: readonly JsonObject[];
  readonly next?: string | null;
  readonly has_more?: boolean;
  readonly error?: JsonObject;
}

type Headers = Readonly<Record<string, string | readonly string[]>>;

export const model = 'qwen3.5-flash';

export async function startAdminServer(settings: Readonly<Record<string, unknown>> = {}, log?: Log): Promise<AdminServer> {
  const upstream = await startRecordingUpstream();
  const server = await startTestServer({
    settings: {
      engine: { enabled: false },
      providers: [{ name: 'host', base_url: upstream.baseUrl, models: [model] }],
      ...settings,
    },
    ...(log === undefined ? {} : { log }),
  });
  const admin = await server.server.startAdmin();
  if (admin === undefined) throw new Error('there is no admin API');
  const adminUrl = admin.url;
  const send = (method: string, path: string, body?: Json, headers: Headers = {}): Promise<Reply> =>
    exchange({ method, url: `${adminUrl}${path}`, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return {
    server,
    adminUrl,
    get: (path, headers) => send('GET', path, undefined, headers),
    post: (path, body, headers) => send('POST', path, body, { 'content-type': 'application/json', ...headers }),
    patch: (path, body) => send('PATCH', path, body, { 'content-type': 'application/json' }),
    async chat(key, user) {
      const reply = await fetch(`${server.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }], max_tokens: 100, user }),
      });
      if (reply.status !== 200) throw new Error(await reply.text());
      await reply.text();
      return reply.headers.get('x-request-id') ?? '';
    },
    async stop() {
      await server.stop();
      await upstream.close();
    },
  };
}

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body?: string;
}

/** Not fetch: that does not let a caller choose its own `host` and `origin`, and those who attack do. */
export function exchange({ method, url, headers, body }: Sent): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const outgoing = httpRequest(url, { method, agent: false });
  for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
  outgoing.on('error', reject);
  outgoing.on('response', (reply) => {
    let text = '';
    reply.setEncoding('utf8');
    reply.on('data', (piece: string) => {
      text += piece;
    });
    reply.on('error', reject);
    reply.on('end', () => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text, body: objectIn(text) }));
  });
  outgoing.end(body);
  return promise;
}

function objectIn(text: string): Told {
  return text.startsWith('{') ? JSON.parse(text) : {};
}

/** A field that has to be a text. */
export function textIn(value: Json | undefined): string {
  if (typeof value !== 'string') throw new Error(`${JSON.stringify(value)} is no text`);
  return value;
}

/** Every item of a list, page by page, and how many pages that took. */
export async function allPages(
  admin: AdminServer,
  path: string,
  limit: number,
): Promise<{ readonly items: readonly JsonObject[]; readonly pages: number }> {
  const items: JsonObject[] = [];
  let after = '';
  for (let pages = 1; pages <= 100; pages++) {
    const query = `${path.includes('?') ? '&' : '?'}limit=${limit}${after === '' ? '' : `&after=${encodeURIComponent(after)}`}`;
    const { status, text, body } = await admin.get(path + query);
    if (status !== 200 || body.data === undefined) throw new Error(text);
    if (body.data.length > limit) throw new Error(`a page of ${body.data.length} where ${limit} were asked for`);
    items.push(...body.data);
    if (body.has_more !== true) return { items, pages };
    after = body.next ?? '';
  }
  throw new Error('the pages have no end');
}
