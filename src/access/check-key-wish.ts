import { FlashmuxError } from '../model/fault.ts';
import type { KeyWish } from './key-admin.ts';

const mostModels = 100;
/** Each request of the last minute is remembered. */
const mostRequestsPerMinute = 100_000;
const mostInFlight = 10_000;
/** The last moment that a date can tell, in Unix milliseconds. */
const lastMoment = 8_640_000_000_000_000;

/** Throws `invalid_request`, with the field as its param. */
export function checkKeyWish(wish: KeyWish, now: number): void {
  const length = wish.name.trim().length;
  if (length < 1 || length > 100) refuse('name', 'The name of a key has 1 to 100 characters.');
  if (wish.expiresAt !== undefined) checkExpiry(wish.expiresAt, now);
  if (wish.allowedModels !== undefined) checkModels(wish.allowedModels);
  checkCount('requestsPerMinute', wish.requestsPerMinute, mostRequestsPerMinute);
  checkCount('maxInFlight', wish.maxInFlight, mostInFlight);
}

function checkExpiry(expiresAt: number, now: number): void {
  const isMoment = Number.isSafeInteger(expiresAt) && expiresAt <= lastMoment;
  if (!isMoment || expiresAt <= now) refuse('expiresAt', 'A key expires in the future.');
}

const longestOverlapMs = 90 * 86_400_000;

/** For how long the secret before a rotation may open. Throws `invalid_request`. */
export function checkOverlap(overlapMs: number): void {
  if (Number.isSafeInteger(overlapMs) && overlapMs >= 0 && overlapMs <= longestOverlapMs) return;
  refuse('overlap', 'The secret before opens for at most 90 days more.');
}

/** An empty list is refused: it could be meant as all models or as none. */
function checkModels(models: readonly string[]): void {
  if (models.length < 1 || models.length > mostModels)
    refuse('allowedModels', `The models of a key are 1 to ${mostModels}; without any said, it may call all.`);
  const wrong = models.find((id) => !/^\S{1,200}$/.test(id));
  if (wrong !== undefined)
    refuse('allowedModels', `"${wrong.slice(0, 200)}" is no id of a model: it has 1 to 200 characters and no spaces.`);
}

function checkCount(param: string, count: number | undefined, most: number): void {
  if (count === undefined || (Number.isSafeInteger(count) && count >= 1 && count <= most)) return;
  refuse(param, `${param} is a whole number from 1 to ${most}.`);
}

function refuse(param: string, message: string): never {
  throw new FlashmuxError('invalid_request', message, { param });
}
