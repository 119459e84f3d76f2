import type { Access, Caller } from '../access/access.ts';
import type { AddressBlocks } from '../access/address-blocks.ts';
import type { Allowance } from '../access/allowance.ts';
import type { RateLimiter, RateLimits } from '../access/rate-limiter.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { Clock } from '../model/ports.ts';
import type { Usage } from '../model/usage.ts';
import { callerAddress } from './caller-address.ts';
import type { Incoming } from './incoming.ts';
import { presentedKey } from './presented-key.ts';
import type { Route } from './route.ts';

export interface AdmitDeps {
  readonly access: Access;
  readonly limiter: RateLimiter;
  readonly trustedProxies: AddressBlocks;
  readonly clock: Clock;
}

/** What was presented, and from where. */
export interface Presented {
  readonly key: string | undefined;
  readonly address: string | undefined;
}

/**
 * Who calls, once the key was found to be in force here and within its limits by the minute. Throws the refusals of
 * Access.authenticate, `invalid_request` for credentials that contradict each other, and `rate_limited`.
 */
export async function admitCaller(incoming: Incoming, route: Pick<Route, 'method'>, deps: AdmitDeps): Promise<Caller> {
  const { request, record } = incoming;
  const presented = { key: presentedKey(request.rawHeaders), address: callerAddress(request, deps.trustedProxies) };
  const caller = await deps.access.authenticate(presented.key, presented.address);
  record.keyId = caller.keyId;
  // Calls count, look-ups do not: a caller over its limit can still see where it stands.
  const isLookUp = route.method === 'GET';
  const { clock, limiter } = deps;
  const limits = isLookUp ? limiter.look(caller, clock.ticks()) : limiter.admit(caller, clock.ticks());
  incoming.rateLimits = { ...limits, at: clock.now() };
  if (!isLookUp) refuseOverLimits(limits);
  return caller;
}

/** The same for a call that comes without a request of its own. */
export async function admitKey(
  presented: Presented,
  { access, limiter, clock }: Omit<AdmitDeps, 'trustedProxies'>,
): Promise<Caller> {
  const caller = await access.authenticate(presented.key, presented.address);
  refuseOverLimits(limiter.admit(caller, clock.ticks()));
  return caller;
}

function refuseOverLimits({ requests, tokens }: RateLimits): void {
  refuseOver(requests, 'make', 'requests');
  refuseOver(tokens, 'use', 'tokens');
}

function refuseOver(allowance: Allowance | undefined, verb: string, what: string): void {
  if (allowance?.retryMs === undefined) return;
  const seconds = Math.ceil(allowance.retryMs / 1000);
  throw new FlashmuxError(
    'rate_limited',
    `This key may ${verb} ${allowance.limit} ${what} in a minute, and has. Try again in ${seconds} s.`,
    { retryAfterSeconds: seconds },
  );
}

/** Counts what a call has used, in and out, against its key. The headers of a reply that has not begun tell it already. */
export function countTokens(incoming: Incoming, caller: Caller, usage: Usage, { limiter, clock }: CountDeps): void {
  if (caller.tokensPerMinute === undefined) return;
  countUsage(caller, usage, { limiter, clock });
  incoming.rateLimits = { ...limiter.look(caller, clock.ticks()), at: clock.now() };
}

/** The same where no reply tells it. */
export function countUsage(caller: Caller, usage: Usage, { limiter, clock }: CountDeps): void {
  if (caller.tokensPerMinute === undefined) return;
  limiter.count(caller, countable(usage.input.total) + countable(usage.output.total), clock.ticks());
}

/** A host's nonsense on one side must not take away what was used on the other. */
function countable(tokens: number | undefined): number {
  return tokens !== undefined && tokens > 0 ? tokens : 0;
}

type CountDeps = Pick<AdmitDeps, 'limiter' | 'clock'>;
