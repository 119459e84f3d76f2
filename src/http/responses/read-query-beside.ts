import type { Incoming } from '../incoming.ts';
import { readQuery } from '../read-query.ts';

/** The query parameters of a request as `readQuery` has them, beside others that may be given as often as one likes. */
export function readQueryBeside<Name extends string>(
  { request }: Pick<Incoming, 'request'>,
  known: readonly Name[],
  others: ReadonlySet<string>,
): Readonly<Partial<Record<Name, string>>> {
  const [path = '', text = ''] = (request.url ?? '').split('?', 2);
  const own = [...new URLSearchParams(text)].filter(([name]) => !others.has(name));
  return readQuery({ request: { url: `${path}?${new URLSearchParams(own).toString()}` } }, known);
}
