import { describe, expect, it } from 'vitest';
import { FlashmuxError } from '../model/fault.ts';
import { presentedKey } from './presented-key.ts';

function faultOf(rawHeaders: readonly string[]): FlashmuxError | undefined {
  try {
    presentedKey(rawHeaders);
    return undefined;
  } catch (error) {
    if (FlashmuxError.is(error)) return error;
    throw error;
  }
}

describe('presentedKey', () => {
  it('takes a key from either header, and from both where they agree', () => {
    expect(presentedKey(['Authorization', 'Bearer k1'])).toBe('k1');
    expect(presentedKey(['X-API-Key', 'k1'])).toBe('k1');
    expect(presentedKey(['authorization', 'bearer  k1', 'x-api-key', ' k1 '])).toBe('k1');
    expect(presentedKey(['authorization', '', 'x-api-key', 'k1'])).toBe('k1');
    expect(presentedKey(['host', 'x'])).toBeUndefined();
  });

  it('refuses credentials that two readers could read differently', () => {
    expect(faultOf(['Authorization', 'Bearer k1', 'authorization', 'Bearer k1'])?.message).toContain(
      '"authorization" was sent 2 times',
    );
    expect(faultOf(['x-api-key', 'k1', 'X-Api-Key', 'k2'])?.message).toContain('"x-api-key" was sent 2 times');
    expect(faultOf(['authorization', 'Bearer k1', 'x-api-key', 'k2'])).toMatchObject({ code: 'invalid_request' });
  });

  it('refuses another scheme without repeating what was sent', () => {
    for (const value of ['Basic c2VjcmV0', 'Bearer', 'Bearer a b', 'c2VjcmV0']) {
      const fault = faultOf(['authorization', value]);
      expect(fault?.code, value).toBe('invalid_key');
      expect(fault?.message).not.toContain('c2VjcmV0');
    }
  });
});
