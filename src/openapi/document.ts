import type { Dialect } from '../dialects/dialect.ts';
import { dialectOf } from '../http/dialect-of.ts';
import type { Route } from '../http/route.ts';
import type { JsonObject } from '../model/json.ts';
import { faultSchema, faultResponses } from './fault-responses.ts';
import { headerComponents } from './headers.ts';
import { operation, operationName, undescribed } from './operation.ts';
import { pathTemplate } from './path-template.ts';

/** What a document describes. */
export interface DescribedServer {
  readonly routes: readonly Route[];
  readonly dialects: readonly [Dialect, ...Dialect[]];
  readonly version: string;
}

/** The OpenAPI 3.1 document of a server: every route of its table, and nothing else. */
export function openapiDocument({ routes, dialects: given, version }: DescribedServer): JsonObject {
  const dialects = spoken(routes, given);
  return {
    openapi: '3.1.1',
    info: {
      title: 'flashmux',
      version,
      description:
        'A model API platform of your own: one server, several dialects, the same models behind each. Errors are told in the envelope of the dialect that the path belongs to. Objects may hold more fields than are listed here.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    // Relative to the address that the document was loaded from, because only the caller knows by what name it reached the server.
    servers: [{ url: '/' }],
    tags: tags(routes, dialects),
    paths: paths(routes, dialects),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key of this server.' },
        apiKey: {
          type: 'apiKey',
          in: 'header',
          name: 'x-api-key',
          description: 'The same key, in the header of Anthropic and Segmind.',
        },
      },
      headers: headerComponents,
      responses: Object.assign({}, ...dialects.map((dialect) => faultResponses(dialect))),
      schemas: schemas(routes, dialects),
    },
  };
}

/** Every dialect once: those of the listener, and those that only single routes speak. */
function spoken(routes: readonly Route[], dialects: DescribedServer['dialects']): DescribedServer['dialects'] {
  const [first, ...others] = dialects;
  const all = new Set([...others, ...routes.flatMap(({ dialect }) => dialect ?? [])]);
  all.delete(first);
  return [first, ...all];
}

function tags(routes: readonly Route[], dialects: readonly Dialect[]): readonly JsonObject[] {
  const described = new Map(dialects.flatMap(({ about }) => (about === undefined ? [] : [[about.title, about.description]])));
  const others = new Set(routes.map(({ about }) => about?.group ?? undescribed).filter((name) => !described.has(name)));
  return [...[...described].map(([name, description]) => ({ name, description })), ...[...others].map((name) => ({ name }))];
}

function paths(routes: readonly Route[], dialects: DescribedServer['dialects']): JsonObject {
  const items: Record<string, JsonObject> = {};
  const names = new Set<string>();
  for (const route of routes) {
    const template = pathTemplate(route.path);
    const described = operation(route, route.dialect ?? dialectOf(route.path, dialects));
    items[template] = {
      ...items[template],
      [route.method.toLowerCase()]: { ...described, operationId: ownName(operationName(route), names) },
    };
  }
  return items;
}

/** The name, or where another operation has it the name with a number. */
function ownName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let count = 2; taken.has(name); count++) name = `${wanted}_${count}`;
  taken.add(name);
  return name;
}

/** Throws where two routes mean different schemas by one name. */
function schemas(routes: readonly Route[], dialects: readonly Dialect[]): JsonObject {
  const all: Record<string, JsonObject> = {};
  const add = (name: string, schema: JsonObject): void => {
    const known = all[name];
    if (known !== undefined && known !== schema && JSON.stringify(known) !== JSON.stringify(schema)) {
      throw new Error(`two schemas of the document are called ${name}`);
    }
    all[name] = schema;
  };
  for (const { about } of routes) {
    for (const [name, schema] of Object.entries(about?.definitions ?? {})) add(name, schema);
  }
  for (const dialect of dialects) {
    for (const [name, schema] of Object.entries(dialect.about?.schemas.definitions ?? {})) add(name, schema);
    if (dialect.about === undefined) add(faultSchema(dialect), { type: 'object' });
  }
  return all;
}
