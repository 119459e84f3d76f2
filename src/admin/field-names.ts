import { FlashmuxError } from '../model/fault.ts';
import { WrongFields } from './read-fields.ts';

/** The fields of this API by the names that the layers below have for them. */
const fieldNames: Readonly<Record<string, string>> = {
  amount: 'amount_usd',
  overdraft: 'overdraft_usd',
  expires: 'expires_at',
  renew: 'renew_every_ms',
  accountId: 'account',
  expiresAt: 'expires_at',
  allowedModels: 'models',
  allowedTools: 'tools',
  allowedAddresses: 'addresses',
  requestsPerMinute: 'requests_per_minute',
  tokensPerMinute: 'tokens_per_minute',
  maxInFlight: 'concurrency',
  overlap: 'overlap_ms',
};

/** A fault of a layer below, about the field as its sender called it. */
export function inFieldNames(error: unknown): unknown {
  if (!FlashmuxError.is(error) || error instanceof WrongFields || error.param === undefined) return error;
  const { code, param, message } = error;
  const name = Object.hasOwn(fieldNames, param) ? fieldNames[param] : undefined;
  if (name === undefined) return error;
  // Only the names of code stand in messages as they are; words such as "amount" are English.
  const told = /[A-Z]/.test(param) ? message.replaceAll(param, name) : message;
  return new FlashmuxError(code, told, { param: name, cause: error });
}
