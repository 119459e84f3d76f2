import type { Dialect } from '../dialects/dialect.ts';
import type { RouteAbout } from '../http/route-about.ts';
import type { Route } from '../http/route.ts';
import { faults, FlashmuxError, type FaultCode } from '../model/fault.ts';
import type { JsonObject } from '../model/json.ts';
import { ref } from '../model/json-schema.ts';
import { headerRefs } from './headers.ts';

const allCodes: readonly FaultCode[] = Object.keys(faults).filter((code): code is FaultCode => code in faults);

/** Name of the schema of a dialect's errors. */
export function faultSchema({ about, name }: Dialect): string {
  return about?.schemas.fault ?? `${name}-error`;
}

/** One response for each status by which a dialect refuses, named for both. */
export function faultResponses(dialect: Dialect): JsonObject {
  const statuses = new Set(allCodes.map((code) => statusOf(dialect, code)));
  return Object.fromEntries([...statuses].map((status) => [responseName(dialect, status), faultResponse(dialect, status)]));
}

/** References to the refusals that a route can give, by status. */
export function faultRefs(route: Route, dialect: Dialect): Readonly<Record<string, JsonObject>> {
  const statuses = new Set(codesOf(route).map((code) => statusOf(dialect, code)));
  return Object.fromEntries(
    [...statuses]
      .toSorted((one, other) => one - other)
      .map((status) => [status, { $ref: `#/components/responses/${responseName(dialect, status)}` }]),
  );
}

/** Dialects of one title (Segmind's, one for each owner of models) refuse in the same way. */
function responseName({ about, name }: Dialect, status: number): string {
  return `${about === undefined ? name : about.title.replaceAll(/\W+/g, '-')}-${status}`;
}

function statusOf(dialect: Dialect, code: FaultCode): number {
  return dialect.status(sampleFault(code));
}

function faultResponse(dialect: Dialect, status: number): JsonObject {
  const codes = allCodes.filter((code) => statusOf(dialect, code) === status);
  const names = codes.map((code) => `\`${code}\``).join(', ');
  return {
    description: `Refused: ${names}. ${adviceOf(codes)}`,
    headers: headerRefs([
      'x-request-id',
      'request-id',
      ...(status === 401 ? ['www-authenticate' as const] : []),
      ...(status === 429 || status === 503 || status === 529 ? ['retry-after' as const] : []),
      ...(codes.some((code) => faults[code].retry === 'no') ? ['x-should-retry' as const] : []),
    ]),
    content: {
      'application/json': {
        schema: ref(faultSchema(dialect)),
        examples: Object.fromEntries(codes.map((code) => [code, { value: dialect.writeFault(sampleFault(code), 'req_...') }])),
      },
    },
  };
}

function adviceOf(codes: readonly FaultCode[]): string {
  const advice = new Set(codes.map((code) => faults[code].retry));
  if (advice.has('elsewhere')) return 'Other hosts were asked where there are some; the same request may succeed later.';
  return advice.has('later') ? 'The same request may succeed later.' : 'The same request will fail again.';
}

function sampleFault(code: FaultCode): FlashmuxError {
  const message = 'What was wrong, where, and what would be right.';
  return new FlashmuxError(code, message, faults[code].status === 400 ? { param: 'model' } : {});
}

const everywhere: readonly FaultCode[] = ['invalid_request', 'internal', 'shutting_down'];
const withKey: readonly FaultCode[] = ['missing_key', 'invalid_key', 'forbidden'];
const withBody: readonly FaultCode[] = ['invalid_json', 'request_timeout', 'body_too_large', 'unsupported_content_type'];

function codesOf({ about, key, method }: Route): readonly FaultCode[] {
  const own: RouteAbout['faults'] = about?.faults ?? [];
  if (own === 'all') return allCodes;
  return [
    ...everywhere,
    ...(key === 'required' ? withKey : []),
    // Look-ups do not count against the limits of a key.
    ...(key === 'required' && method !== 'GET' ? (['rate_limited'] as const) : []),
    ...(about?.request === undefined ? [] : withBody),
    ...own,
  ];
}
