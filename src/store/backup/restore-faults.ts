import { FlashmuxError } from '../../model/fault.ts';

/** A backup that is whole as a file, and yet cannot be a store. */
export function unfitting(what: string): FlashmuxError {
  return new FlashmuxError('invalid_request', `The backup does not fit its schema: ${what}. Nothing was restored.`);
}

export function wrongReference(table: string, parent: string): FlashmuxError {
  return new FlashmuxError(
    'invalid_request',
    `The backup has rows of "${table}" that refer to rows of "${parent}" which are not there. Nothing was restored.`,
  );
}

export function wrongBooks(what: string): FlashmuxError {
  return new FlashmuxError('invalid_request', `The books of the backup are not right: ${what}. Nothing was restored.`);
}
