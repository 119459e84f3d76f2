import type { Incoming } from '../http/incoming.ts';
import { FlashmuxError } from '../model/fault.ts';

/**
 * What names a movement once and for all: the field `ref`, or the header `Idempotency-Key` in its place. Throws `invalid_request`
 * where there is neither, or two that differ: a movement that nobody can name may be made twice.
 */
export function readRef({ request }: Pick<Incoming, 'request'>, field: string | undefined): string {
  const named = [...(field === undefined ? [] : [field]), ...(request.headersDistinct['idempotency-key'] ?? [])];
  const [ref] = named;
  if (ref === undefined || ref === '') {
    throw new FlashmuxError(
      'invalid_request',
      '"ref" must be a text of 1 to 255 characters that names this movement once and for all, so that sending it again changes nothing. ' +
        'The header Idempotency-Key may stand in its place.',
      { param: 'ref' },
    );
  }
  if (named.some((other) => other !== ref)) {
    throw new FlashmuxError('invalid_request', '"ref" and the header Idempotency-Key name different movements. Send one.', {
      param: 'ref',
    });
  }
  return ref;
}
