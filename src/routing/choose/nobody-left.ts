import { FlashmuxError } from '../../model/fault.ts';
import type { Removal } from './filter-hosts.ts';

const mostNamed = 8;

/**
 * The fault of a request that every host of the model was filtered out for, with what removed which. 400 where the hosts are not able
 * to, because the same again changes nothing; 503 where a wish of the caller, which stands at `saidAt`, is against them.
 */
export function nobodyLeft(model: string, removed: readonly Removal[], saidAt: string): FlashmuxError {
  const named = removed.slice(0, mostNamed).map(({ candidate, why }) => `${candidate.host.provider} ${why}`);
  const more = removed.length > mostNamed ? [`and ${removed.length - mostNamed} more`] : [];
  const message = `No host of "${model}" is left for this request: ${[...named, ...more].join('; ')}.`;
  const isAllOf = (kind: Removal['kind']): boolean => removed.every((each) => each.kind === kind);
  if (isAllOf('length')) return new FlashmuxError('context_length_exceeded', message, { param: 'messages' });
  if (removed.every(({ kind }) => kind !== 'wish')) return new FlashmuxError('unsupported_value', message, { param: 'model' });
  return new FlashmuxError('no_host', `${message} Ask for less of them, or leave the wish out.`, { param: saidAt });
}
