import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { RoutingPreferences } from '../../model/routing-preferences.ts';
import { at, inRange, isArray, optionalObject, refuse } from '../wire/fields.ts';

/*
 * Keys that the caller brings along: `byok: { anthropic: [{ apiKey: '...' }] }` and `providerTimeouts: { byok: { anthropic: 15000 } }`. They are
 * secrets from the first moment. What is refused here is named by its place alone, never by what stood there: a key at a wrong place is
 * still a key.
 */

export const ownKeyLimits = { keys: 8, characters: 4096 } as const;

/** Longer waits than this are none: timers count milliseconds in 32 bits and end at once beyond. */
export const longestTimeoutMs = 2_147_483_647;
const waits = { min: 1, max: longestTimeoutMs, whole: true } as const;

/** A key goes into a header. */
const keyPattern = new RegExp(`^[\\x21-\\x7e]{1,${ownKeyLimits.characters}}$`);

type OwnKeys = NonNullable<RoutingPreferences['ownKeys']>;

export function readOwnKeys(gateway: JsonObject, path: string): OwnKeys | undefined {
  const place = at(path, 'byok');
  const byok = gateway['byok'];
  if (byok === undefined || byok === null) return undefined;
  if (!isJsonObject(byok)) throw refuseSecret(place, 'an object with a list of credentials for each provider');
  return Object.fromEntries(
    Object.entries(byok).map(([provider, credentials]) => {
      const inside = at(place, shown(provider));
      if (!isArray(credentials) || credentials.length === 0 || credentials.length > ownKeyLimits.keys) {
        throw refuseSecret(inside, `an array of 1 to ${ownKeyLimits.keys} credentials`);
      }
      return [provider, credentials.map((credential, index) => readKey(credential, `${inside}[${index}]`))];
    }),
  );
}

/** Credentials of another form (a cloud's project, region and token) are refused: a host here is called with a key. */
function readKey(credential: Json, place: string): string {
  const only = 'an object with apiKey and nothing else; other kinds of credentials are not known here';
  if (!isJsonObject(credential)) throw refuseSecret(place, only);
  const { apiKey, ...others } = credential;
  if (Object.keys(others).length > 0) throw refuseSecret(place, only);
  if (typeof apiKey !== 'string' || !keyPattern.test(apiKey)) {
    throw refuseSecret(at(place, 'apiKey'), `a key of 1 to ${ownKeyLimits.characters} visible ASCII characters`);
  }
  return apiKey;
}

/** Names are the caller's, of any length. */
function shown(name: string): string {
  return name.slice(0, 64);
}

function refuseSecret(place: string, accepted: string): FlashmuxError {
  return new FlashmuxError('invalid_request', `${place} must be ${accepted}.`, { param: place });
}

export function writeOwnKeys(ownKeys: OwnKeys | undefined): JsonObject | undefined {
  if (ownKeys === undefined) return undefined;
  return Object.fromEntries(Object.entries(ownKeys).map(([provider, keys]) => [provider, keys.map((apiKey) => ({ apiKey }))]));
}

export function readTimeouts(gateway: JsonObject, path: string): RoutingPreferences['providerTimeoutsMs'] {
  const timeouts = optionalObject(gateway, 'providerTimeouts', path);
  if (timeouts === undefined) return undefined;
  const place = at(path, 'providerTimeouts');
  const stranger = Object.keys(timeouts).find((key) => key !== 'byok');
  if (stranger !== undefined) throw refuse(at(place, shown(stranger)), timeouts[stranger], 'left out; there is byok alone');
  const byok = optionalObject(timeouts, 'byok', place);
  if (byok === undefined) return undefined;
  const inside = at(place, 'byok');
  return Object.fromEntries(
    Object.entries(byok).flatMap(([provider, milliseconds]): [string, number][] => {
      if (milliseconds === null) return [];
      if (typeof milliseconds === 'number' && inRange(milliseconds, waits)) return [[provider, milliseconds]];
      throw refuse(at(inside, shown(provider)), milliseconds, `a whole number from 1 to ${longestTimeoutMs}, in milliseconds`);
    }),
  );
}

export function writeTimeouts(timeoutsMs: RoutingPreferences['providerTimeoutsMs']): JsonObject | undefined {
  return timeoutsMs === undefined ? undefined : { byok: timeoutsMs };
}
