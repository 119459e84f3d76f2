import { FlashmuxError } from '../model/fault.ts';
import { quirksRows, type Quirks } from './quirks.ts';

/** The row of a configured name. Throws `invalid_request`, naming the rows, where there is none. */
export function quirksNamed(name: string): Quirks {
  const row = Object.entries(quirksRows).find(([known]) => known === name)?.[1];
  if (row !== undefined) return row;
  const known = Object.keys(quirksRows).join(', ');
  throw new FlashmuxError('invalid_request', `providers: there is no row of quirks "${name}". The rows are: ${known}.`, {
    param: 'quirks',
  });
}
