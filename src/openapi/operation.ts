import type { Dialect } from '../dialects/dialect.ts';
import type { AnswerAbout, RouteAbout } from '../http/route-about.ts';
import type { Route } from '../http/route.ts';
import type { JsonObject } from '../model/json.ts';
import { text } from '../model/json-schema.ts';
import { faultRefs } from './fault-responses.ts';
import { header, headerRefs, rateLimitHeaderNames } from './headers.ts';
import { pathParameters, pathTemplate } from './path-template.ts';

/** The heading of routes that nobody has described. */
export const undescribed = 'Other';

/** One route as the document has it; a route without a description at least with its address, its key and its refusals. */
export function operation(route: Route, dialect: Dialect): JsonObject {
  const { about, method, path, key } = route;
  const parameters = parametersOf(route);
  const samples = samplesOf(route, dialect);
  return {
    tags: [about?.group ?? undescribed],
    summary: about?.summary ?? `${method} ${path}`,
    ...(about?.description === undefined ? {} : { description: about.description }),
    security: key === 'none' ? [] : [{ bearer: [] }, { apiKey: [] }],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(about?.request === undefined ? {} : { requestBody: requestBody(about.request) }),
    responses: responses(route, dialect),
    ...(samples.length === 0 ? {} : { 'x-codeSamples': samples }),
  };
}

/** What clients that are made from the document call it. Without a description `GET /v1/models/{id}` is `getV1ModelsId`. */
export function operationName({ about, method, path }: Route): string {
  if (about !== undefined) return about.operationId;
  const words = path.split(/\W+/).filter((word) => word !== '');
  return [method.toLowerCase(), ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('');
}

function parametersOf({ about, path }: Route): readonly JsonObject[] {
  const listed = (place: 'query' | 'header', schemas: Readonly<Record<string, JsonObject>> | undefined) =>
    Object.entries(schemas ?? {}).map(([name, schema]) => parameter(place, name, schema, about?.needed?.includes(name) === true));
  return [
    ...pathParameters(path).map((name) => parameter('path', name, withText(about?.parameters?.[name]), true)),
    ...listed('query', about?.query),
    ...listed('header', about?.headers),
  ];
}

function withText(description: string | undefined): JsonObject {
  return description === undefined ? text : { ...text, description };
}

function parameter(
  place: 'path' | 'query' | 'header',
  name: string,
  { description, ...schema }: JsonObject,
  isNeeded: boolean,
): JsonObject {
  const told = description === undefined ? {} : { description };
  return { name, in: place, ...told, ...(isNeeded ? { required: true } : {}), schema };
}

function requestBody({ schema, examples }: NonNullable<RouteAbout['request']>): JsonObject {
  const shown = Object.entries(examples ?? {}).map(([name, { summary, value }]) => [name, { summary, value }]);
  return {
    required: true,
    content: { 'application/json': { schema, ...(shown.length === 0 ? {} : { examples: Object.fromEntries(shown) }) } },
  };
}

function responses(route: Route, dialect: Dialect): JsonObject {
  const good = Object.entries(route.about?.answers ?? { '200': { description: 'The answer.' } });
  const own = good.map(([status, answer]): [string, JsonObject] => [status, response(answer, route, dialect)]);
  // A route that says by itself what a status means (503 of a server that is not ready) is believed.
  return { ...faultRefs(route, dialect), ...Object.fromEntries(own) };
}

function response({ description, content, headers }: AnswerAbout, route: Route, dialect: Dialect): JsonObject {
  const bodies = Object.entries(content ?? {}).map(([type, schema]) => [type, { schema }]);
  return {
    description,
    headers: {
      ...headerRefs(['x-request-id', 'request-id']),
      ...(route.key === 'none' ? {} : headerRefs(['x-remaining-credits', ...rateLimitHeaderNames(dialect.rateLimitHeaders)])),
      ...Object.fromEntries(Object.entries(headers ?? {}).map(([name, told]) => [name, header(told, text)])),
    },
    ...(bodies.length === 0 ? {} : { content: Object.fromEntries(bodies) }),
  };
}

/** Code that calls the route, under the name by which reference pages know it. `{base}` stands for the server's address. */
function samplesOf({ about, path, method, key }: Route, dialect: Dialect): readonly JsonObject[] {
  if (about === undefined) return [];
  const own = dialect.generatePaths.includes(path) ? (dialect.about?.samples ?? []) : [];
  if (own.length > 0) return own.map(({ client, language, code }) => ({ lang: language, label: client, source: code }));
  const query = (about.needed ?? []).filter((name) => about.query?.[name] !== undefined).map((name) => `${name}=...`);
  const body = Object.values(about.request?.examples ?? {})[0]?.value;
  const lines = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}"{base}${pathTemplate(path)}${query.length === 0 ? '' : `?${query.join('&')}`}"`,
    ...(key === 'none' ? [] : ['-H "Authorization: Bearer $FLASHMUX_KEY"']),
    ...(about.request === undefined ? [] : ['-H "Content-Type: application/json"']),
    ...(body === undefined ? [] : [`-d '${JSON.stringify(body)}'`]),
  ];
  return [{ lang: 'sh', label: 'curl', source: lines.join(' \\\n  ') }];
}
