import { FlashmuxError } from '../model/fault.ts';

/**
 * The API key of a request, from `Authorization: Bearer` or `x-api-key`; undefined where there is none. Takes Node's raw header
 * list, because the joined form keeps the first of two Authorization headers and says nothing of the second: a proxy in front
 * may have checked the other one. Throws `invalid_request` for credentials that are ambiguous, `invalid_key` for another scheme.
 */
export function presentedKey(rawHeaders: readonly string[]): string | undefined {
  const authorization = onlyValue(rawHeaders, 'authorization');
  const apiKey = onlyValue(rawHeaders, 'x-api-key');
  const bearer = authorization === undefined ? undefined : bearerKey(authorization);
  if (bearer !== undefined && apiKey !== undefined && bearer !== apiKey) {
    throw new FlashmuxError(
      'invalid_request',
      'The headers "authorization" and "x-api-key" hold different keys. Send one of them.',
    );
  }
  return bearer ?? apiKey;
}

function onlyValue(rawHeaders: readonly string[], name: string): string | undefined {
  const values: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) values.push(rawHeaders[index + 1]?.trim() ?? '');
  }
  if (values.length > 1) {
    throw new FlashmuxError('invalid_request', `The header "${name}" was sent ${values.length} times. Send it once.`);
  }
  return values[0] === '' ? undefined : values[0];
}

function bearerKey(authorization: string): string {
  const key = /^bearer +(\S+)$/i.exec(authorization)?.[1];
  if (key !== undefined) return key;
  throw new FlashmuxError('invalid_key', 'The header "authorization" must read "Bearer <key>", with an API key of this server.');
}
