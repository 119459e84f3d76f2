import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { markup, prose } from '../../src/openapi/page/markup.ts';
import { referencePage } from '../../src/openapi/page/reference-page.ts';
import { parseJson } from '../../src/model/json.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { operationsOf, requireObject } from './read-document.ts';

let server: TestServer;
let reply: Response;
let page: string;
beforeAll(async () => {
  server = await startTestServer({ settings: { engine: { enabled: false } } });
  reply = await fetch(`${server.url}/docs`);
  page = await reply.text();
});
afterAll(() => server.stop());

describe('the reference page', () => {
  test('loads nothing, from here or from anywhere', () => {
    expect(reply.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page).not.toMatch(/<(?:link|img|iframe|object|embed)\b|\bsrc=|@import|url\(|href="(?!#|openapi\.json")/);
  });

  test('may run only the script and the style that are in it', () => {
    const policy = reply.headers.get('content-security-policy') ?? '';
    const hashes = [...page.matchAll(/<(style|script)>([\s\S]*?)<\/\1>/g)].map(([, tag, body = '']) => {
      return `${tag}-src 'sha256-${createHash('sha256').update(body).digest('base64')}'`;
    });
    expect(hashes).toHaveLength(2);
    for (const hash of hashes) expect(policy.split('; ')).toContain(hash);
    expect(policy).toContain("default-src 'none'");
    expect(page).not.toMatch(/ on\w+=| style=|javascript:/);
  });

  test('shows every operation and every schema of the document, and every link leads somewhere', async () => {
    const document = requireObject(parseJson(await (await fetch(`${server.url}/openapi.json`)).text()));
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
    for (const { operation } of operationsOf(document)) expect(ids).toContain(operation['operationId']);
    for (const name of Object.keys(requireObject(requireObject(document['components'])['schemas'])))
      expect(ids).toContain(`schema-${name}`);
    const links = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.filter((id) => !ids.has(id))).toEqual([]);
  });

  test('leaves the address of the server to the browser, which knows it', () => {
    expect(page).toContain('curl &quot;<span class="base">');
    expect(page).toContain('apiKey: process.env.FLASHMUX_KEY');
    expect(page).not.toContain('{base}');
  });

  test('shows texts as texts', () => {
    expect(markup`<p>${'<script>"&'}</p>`.text).toBe('<p>&lt;script&gt;&quot;&amp;</p>');
    expect(prose('a `<b>` c').text).toBe('a <code>&lt;b&gt;</code> c');
    const evil = '<img src=x onerror=alert(1)>';
    const described = referencePage({
      info: { version: evil, description: evil },
      tags: [{ name: evil, description: evil }],
      paths: { [`/${evil}`]: { get: { operationId: 'x', tags: [evil], summary: evil, description: evil } } },
      components: { schemas: { [evil]: { description: evil, properties: { [evil]: { const: evil } } } } },
    });
    expect(described.html).not.toContain('<img');
  });
});
