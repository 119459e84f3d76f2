import { FlashmuxError } from '../../model/fault.ts';

/** The row of a configured name. Throws `invalid_request`, naming the rows, where there is none. */
export function rowNamed<Row>(rows: Readonly<Record<string, Row>>, name: string): Row {
  const row = Object.entries(rows).find(([known]) => known === name)?.[1];
  if (row !== undefined) return row;
  const known = Object.keys(rows).join(', ');
  throw new FlashmuxError('invalid_request', `there is no row of quirks "${name}"; there are ${known}`, {
    param: 'quirks',
  });
}
