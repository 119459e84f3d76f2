import { FlashmuxError } from '../model/fault.ts';

/** How the refusals of a key are worded. None repeats more of it than its public beginning. */

const howToGetOne = '`flashmux keys create` makes a key, `flashmux keys ls` lists those that exist.';

export function missingKey(): FlashmuxError {
  return new FlashmuxError(
    'missing_key',
    `No API key was sent. Send it as "Authorization: Bearer fm_..." or as "x-api-key: fm_...". ${howToGetOne}`,
  );
}

export function malformedKey(): FlashmuxError {
  return new FlashmuxError(
    'invalid_key',
    `The API key is not one of flashmux (fm_...), or it was cut or mistyped: its form or checksum is wrong. ${howToGetOne}`,
  );
}

export function unknownKey(publicPrefix: string): FlashmuxError {
  return new FlashmuxError('invalid_key', `The API key ${publicPrefix}... is not known here. ${howToGetOne}`);
}

/** Told only to whoever has the whole key, as are those below. */
export function revokedKey(publicPrefix: string): FlashmuxError {
  return new FlashmuxError('invalid_key', `The API key ${publicPrefix}... was revoked. ${howToGetOne}`);
}

export function expiredKey(publicPrefix: string, expiresAt: number): FlashmuxError {
  const at = new Date(expiresAt).toISOString();
  return new FlashmuxError('invalid_key', `The API key ${publicPrefix}... expired at ${at}. ${howToGetOne}`);
}

export function replacedKey(publicPrefix: string, until: number): FlashmuxError {
  const at = new Date(until).toISOString();
  return new FlashmuxError(
    'invalid_key',
    `This secret of the API key ${publicPrefix}... was replaced by a new one and has opened nothing since ${at}. ${howToGetOne}`,
  );
}

/** Names the caller's own address, which is often that of a proxy nobody thought of, and not the list. */
export function strangeAddress(publicPrefix: string, address: string | undefined): FlashmuxError {
  const from = address === undefined ? 'an address that cannot be told' : `the address ${address}`;
  return new FlashmuxError(
    'forbidden',
    `The API key ${publicPrefix}... may not be used from ${from}. Whoever gave it out can allow more addresses.`,
  );
}
