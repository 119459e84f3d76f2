import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtInModels } from '../../src/catalogue/built-in-models.ts';
import { routeAbouts } from '../../src/http/about/route-abouts.ts';
import { faults } from '../../src/model/fault.ts';
import { isJsonObject, parseJson, type Json, type JsonObject } from '../../src/model/json.ts';
import { openaiChatSchemas } from '../../src/protocols/openai-chat/schema.ts';
import { isList } from '../support/json-schema/schema-checker.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { operationsOf, requireObject, type Operation } from './read-document.ts';
import metaSchema from './oas-3.1-schema.json' with { type: 'json' };

let server: TestServer;
let text: string;
let document: JsonObject;
let operations: readonly Operation[];
beforeAll(async () => {
  server = await startTestServer();
  const reply = await fetch(`${server.url}/openapi.json`);
  text = await reply.text();
  document = requireObject(parseJson(text));
  operations = operationsOf(document);
});
afterAll(() => server.stop());

describe('the document', () => {
  test('is OpenAPI 3.1 by the schema of its authors', () => {
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(metaSchema);
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
  });

  test('has schemas without a misspelt keyword', () => {
    const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, validateFormats: false });
    ajv.addVocabulary(['components', 'discriminator']);
    ajv.addSchema({ $id: 'document', components: { schemas: schemas() } }, undefined, false);
    for (const name of Object.keys(schemas())) {
      expect(() => ajv.compile({ $ref: `document#/components/schemas/${name}` }), name).not.toThrow();
    }
  });

  test('points only to what is there', () => {
    const targets = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, target = '']) => target);
    expect(targets.length).toBeGreaterThan(100);
    const lost = targets.filter((target) => at(document, target.split('/')) === undefined);
    expect([...new Set(lost)]).toEqual([]);
  });

  test('gives every operation a name of its own', () => {
    const ids = operations.map(({ operation }) => operation['operationId']);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z]\w+$/);
  });

  test('declares every parameter of a path, and no other', () => {
    for (const { path, operation } of operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const parameters = isList(operation['parameters']) ? operation['parameters'] : [];
      const declared = parameters.flatMap((one) => (isJsonObject(one) && one['in'] === 'path' ? [one['name']] : []));
      expect(declared, path).toEqual(named);
    }
  });

  test('describes every route', () => {
    const bare = operations.filter(({ operation }) => isList(operation['tags']) && operation['tags'].includes('Other'));
    expect(bare.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });

  test('says nothing of routes that there are not', () => {
    const offered = new Set(operations.map(({ method, path }) => `${method.toUpperCase()} ${path}`));
    expect(Object.keys(routeAbouts).filter((route) => !offered.has(route.replace('+}', '}')))).toEqual([]);
  });

  test('says of every call that generates how it can fail: every status of the fault table', () => {
    const chat = operations.find(({ path }) => path === '/v1/chat/completions');
    const statuses = Object.keys(requireObject(chat?.operation['responses']));
    expect(statuses).toEqual(expect.arrayContaining([...new Set(Object.values(faults).map(({ status }) => String(status)))]));
  });

  function schemas(): JsonObject {
    return requireObject(requireObject(document['components'])['schemas']);
  }
});

describe('the running server', () => {
  test('offers at each path of the document the methods that stand there, and no other', async () => {
    for (const path of new Set(operations.map((each) => each.path))) {
      const methods = operations.filter((each) => each.path === path).map(({ method }) => method.toUpperCase());
      const reply = await fetch(server.url + path.replaceAll(/\{\w+\}/g, 'x'), { method: 'PUT' });
      await reply.arrayBuffer();
      const allowed = (reply.headers.get('allow') ?? '').split(', ').filter((method) => method !== 'HEAD');
      expect([reply.status, allowed.toSorted()], path).toEqual([405, methods.toSorted()]);
    }
  });

  test('asks for a key where the document does, and nowhere else', async () => {
    for (const { method, path, operation } of operations) {
      const isOpen = isList(operation['security']) && operation['security'].length === 0;
      const reply = await fetch(server.url + path.replaceAll(/\{\w+\}/g, 'x'), { method: method.toUpperCase() });
      await reply.arrayBuffer();
      expect(reply.status === 401, `${method} ${path}: ${reply.status}`).toBe(!isOpen);
    }
  });

  test('sends the document again only where it has changed', async () => {
    const first = await fetch(`${server.url}/openapi.json`);
    expect(first.headers.get('content-type')).toBe('application/json');
    const etag = first.headers.get('etag') ?? '';
    const again = await fetch(`${server.url}/openapi.json`, { headers: { 'if-none-match': `"other", W/${etag}` } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    const other = await fetch(`${server.url}/openapi.json`, { headers: { 'if-none-match': '"other"' } });
    expect([other.status, await other.text()]).toEqual([200, await first.text()]);
  });

  test('tells in the document nothing of its models and accounts', () => {
    for (const { id } of builtInModels) expect(text.replaceAll('qwen3.5-flash', '').includes(`"${id}"`), id).toBe(false);
    expect(text).not.toContain(server.key);
  });
});

describe('the parameters of the catalogue', () => {
  const request = requireObject(openaiChatSchemas.definitions['ChatRequest']);
  const properties = requireObject(request['properties']);

  test('are all in the request of the chat dialect, whose ranges are the widest', () => {
    for (const { id, parameters } of builtInModels) {
      for (const { name, schema } of parameters) {
        const place = `${name} of ${id}`;
        const widest = requireObject(properties[name], place);
        expect(lowest(schema), place).toBeGreaterThanOrEqual(lowest(widest));
        expect(highest(schema), place).toBeLessThanOrEqual(highest(widest));
        const { enum: words } = schema;
        if (isList(words))
          expect(JSON.stringify(widest), place).toSatisfy((all: string) =>
            words.every((word) => all.includes(JSON.stringify(word))),
          );
      }
    }
  });
});

function lowest({ minimum, exclusiveMinimum }: JsonObject): number {
  return typeof minimum === 'number' ? minimum : typeof exclusiveMinimum === 'number' ? exclusiveMinimum : -Infinity;
}

function highest({ maximum }: JsonObject): number {
  return typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER ? maximum : Infinity;
}

function at(value: Json | undefined, [step, ...rest]: readonly string[]): Json | undefined {
  if (step === undefined) return value;
  return isJsonObject(value) ? at(value[step.replaceAll('~1', '/')], rest) : undefined;
}
