import { createHash } from 'node:crypto';
import type { Incoming } from '../http/incoming.ts';
import { sendText } from '../http/reply.ts';
import type { RouteAbout } from '../http/route-about.ts';
import type { OpenRoute } from '../http/route.ts';
import { said, text } from '../model/json-schema.ts';
import { openapiDocument, type DescribedServer } from './document.ts';
import { referencePage } from './page/reference-page.ts';

/**
 * `GET /openapi.json` and `GET /docs`, for anybody: they tell what this program can be asked, and nothing of the models, keys or
 * accounts of this server. Both are in the document too. Made when they are first asked for.
 */
export function documentationRoutes(server: DescribedServer): readonly OpenRoute[] {
  const document = once(() => openapiDocument({ ...server, routes: [...server.routes, ...routes] }));
  const json = once(() => fixed(JSON.stringify(document()), { 'content-type': 'application/json' }));
  const page = once(() => {
    const { html, policy } = referencePage(document());
    return fixed(html, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      'referrer-policy': 'no-referrer',
    });
  });
  const routes: readonly OpenRoute[] = [
    { method: 'GET', path: '/openapi.json', key: 'none', about: documentAbout, answer: ({ incoming }) => send(incoming, json()) },
    { method: 'GET', path: '/docs', key: 'none', about: pageAbout, answer: ({ incoming }) => send(incoming, page()) },
  ];
  return routes;
}

const group = 'Documentation';
const etag = { etag: 'Changes with the text; send it as if-none-match.' };
const unchanged = { description: 'Unchanged since the text with that etag.', headers: etag };

const documentAbout: RouteAbout = {
  operationId: 'getOpenapi',
  group,
  summary: 'This document',
  headers: { 'if-none-match': said('An etag.', text) },
  answers: {
    '200': {
      description: 'OpenAPI 3.1.',
      headers: etag,
      content: { 'application/json': { type: 'object', additionalProperties: true } },
    },
    '304': unchanged,
  },
};

const pageAbout: RouteAbout = {
  operationId: 'getDocs',
  group,
  summary: 'This document as a page for readers',
  headers: { 'if-none-match': said('An etag.', text) },
  answers: { '200': { description: 'HTML.', headers: etag, content: { 'text/html': text } }, '304': unchanged },
};

/** A text that stays the same while the process lives. */
interface FixedText {
  readonly body: string;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
}

function fixed(body: string, headers: Readonly<Record<string, string>>): FixedText {
  const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  // no-cache: may be kept, must be asked for again. A newer program may answer at the same address.
  return { body, etag: tag, headers: { ...headers, etag: tag, 'cache-control': 'no-cache' } };
}

async function send(incoming: Incoming, { body, etag: tag, headers }: FixedText): Promise<void> {
  const known = incoming.request.headers['if-none-match']?.split(',').map((one) => one.trim().replace(/^W\//, '')) ?? [];
  if (known.includes(tag) || known.includes('*')) {
    // A 304 has the length that the text would have, and no text.
    await sendText(incoming, 304, '', { ...headers, 'content-length': Buffer.byteLength(body) });
    return;
  }
  await sendText(incoming, 200, body, headers);
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}
