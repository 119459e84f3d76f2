import { FlashmuxError } from '../model/fault.ts';
import type { Entry } from './entry.ts';
import { usdText } from './amount.ts';

export function noAccount(accountId: string): FlashmuxError {
  return new FlashmuxError('not_found', `No account "${accountId}".`);
}

export function refTaken(ref: string, { amount, accountId }: Pick<Entry, 'amount' | 'accountId'>): FlashmuxError {
  return new FlashmuxError(
    'conflict',
    `The ref "${ref}" was used before, for ${usdText(amount)} on the account "${accountId}".`,
    { param: 'ref' },
  );
}

export function invalid(param: string, message: string): FlashmuxError {
  return new FlashmuxError('invalid_request', message, { param });
}
