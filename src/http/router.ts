import type { Dialect } from '../dialects/dialect.ts';
import type { RouteAbout } from './route-about.ts';

/** What the router needs to know of a route. Paths hold `{name}` for one segment and, at their end, `{name+}` for one or more. */
export interface Routable {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** What the OpenAPI document says of it. */
  readonly about?: RouteAbout;
  /** The dialect that it speaks, in its errors too. Absent: that of the prefix of its path. */
  readonly dialect?: Dialect;
}

export type Match<R> =
  | { readonly kind: 'found'; readonly route: R; readonly parameters: Readonly<Record<string, string>> }
  /** `dialect`: what the path speaks under its own methods. */
  | { readonly kind: 'wrong-method'; readonly allow: readonly string[]; readonly dialect?: Dialect }
  | { readonly kind: 'unknown'; readonly nearby: readonly string[] };

/** A fixed table of routes. Where several patterns fit a path, the one with the earlier literal segment wins. */
export class Router<R extends Routable> {
  readonly #entries: readonly Entry<R>[];
  /** By their whole path. No pattern comes before one that is the path itself, so these, which are most, need no fitting. */
  readonly #plain: ReadonlyMap<string, readonly R[]>;

  constructor(routes: readonly R[]) {
    this.#plain = Map.groupBy(
      routes.filter(({ path }) => split(path).every((segment) => parameterName(segment) === undefined)),
      ({ path }) => path,
    );
    this.#entries = routes.map((route) => ({ route, segments: split(route.path) })).toSorted(byPrecedence);
  }

  /** `path` is the raw path of the request target, without its query. HEAD is answered as GET. */
  match(method: string, path: string): Match<R> {
    const asked = method === 'HEAD' ? 'GET' : method;
    const plain = this.#plain.get(path)?.find((route) => route.method === asked);
    if (plain !== undefined) return { kind: 'found', route: plain, parameters: {} };
    const segments = split(path);
    const allow = new Set<string>();
    let first: Entry<R> | undefined;
    for (const entry of this.#entries) {
      const { route, segments: pattern } = entry;
      const parameters = fit(pattern, segments);
      if (parameters === undefined) continue;
      // What is a path of its own is no parameter of a wider one, whatever the method.
      if (first !== undefined && byPrecedence(first, entry) !== 0) break;
      first = entry;
      if (route.method === asked) return { kind: 'found', route, parameters };
      allow.add(route.method);
      if (route.method === 'GET') allow.add('HEAD');
    }
    if (first !== undefined) {
      const { dialect } = first.route;
      return { kind: 'wrong-method', allow: [...allow], ...(dialect === undefined ? {} : { dialect }) };
    }
    return { kind: 'unknown', nearby: this.#nearby(segments) };
  }

  /** The routes that share the most segments with the path, best first; all of them where none shares any. */
  #nearby(segments: readonly string[]): readonly string[] {
    const scored = this.#entries.map(({ route, segments: pattern }) => ({
      name: `${route.method} ${route.path.replace('+}', '}')}`,
      score: pattern.filter((segment) => segment !== '' && segments.includes(segment)).length,
    }));
    const best = scored.filter(({ score }) => score > 0).toSorted((one, other) => other.score - one.score);
    return (best.length > 0 ? best.slice(0, 4) : scored).map(({ name }) => name);
  }
}

/**
 * The path of a request target, without query; undefined where the target is no path. Takes the absolute form too, as HTTP/1.1
 * asks a server to, and ignores its host: nothing is ever decided by a host name that the caller chose.
 */
export function pathOf(target: string): string | undefined {
  const path = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?#]*/i, '');
  if (!path.startsWith('/')) return undefined;
  const end = path.indexOf('?');
  return end < 0 ? path : path.slice(0, end);
}

interface Entry<R> {
  readonly route: R;
  readonly segments: readonly string[];
}

function split(path: string): readonly string[] {
  return path.split('/').slice(1);
}

function fit(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const name = parameterName(expected);
    const isRest = expected.endsWith('+}');
    const given = isRest ? segments.slice(index) : segments.slice(index, index + 1);
    if (name === undefined) {
      if (given[0] !== expected) return undefined;
      continue;
    }
    const value = decode(given.join('/'));
    if (value === undefined || value === '') return undefined;
    parameters[name] = value;
    if (isRest) return parameters;
  }
  return segments.length === pattern.length ? parameters : undefined;
}

function parameterName(segment: string): string | undefined {
  return /^\{(\w+)\+?\}$/.exec(segment)?.[1];
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function byPrecedence(one: Entry<Routable>, other: Entry<Routable>): number {
  for (let index = 0; index < Math.max(one.segments.length, other.segments.length); index++) {
    const difference = rank(one.segments[index]) - rank(other.segments[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function rank(segment: string | undefined): number {
  if (segment === undefined) return 3;
  if (parameterName(segment) === undefined) return 0;
  return segment.endsWith('+}') ? 2 : 1;
}
