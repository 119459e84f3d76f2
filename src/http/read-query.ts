import { FlashmuxError } from '../model/fault.ts';
import type { Incoming } from './incoming.ts';

/**
 * The query parameters of a request, of which `known` may occur, each once. Throws `invalid_request` with the parameter for any
 * other: a filter that was misspelt and ignored would answer another question than was asked.
 */
export function readQuery<Name extends string>(
  incoming: { readonly request: Pick<Incoming['request'], 'url'> },
  known: readonly Name[],
): Readonly<Partial<Record<Name, string>>> {
  const target = incoming.request.url ?? '';
  const start = target.indexOf('?');
  const query: Partial<Record<Name, string>> = {};
  for (const [name, value] of new URLSearchParams(start < 0 ? '' : target.slice(start + 1))) {
    const own = known.find((candidate) => candidate === name);
    const shown = name.slice(0, 100);
    if (own === undefined) {
      throw wrongQuery(shown, `There is no query parameter "${shown}" here. There are: ${known.join(', ')}.`);
    }
    if (query[own] !== undefined) throw wrongQuery(own, `The query parameter "${own}" may be given once.`);
    query[own] = value;
  }
  return query;
}

export function wrongQuery(param: string, message: string): FlashmuxError {
  return new FlashmuxError('invalid_request', message, { param });
}
