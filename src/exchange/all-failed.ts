import { FlashmuxError } from '../model/fault.ts';
import type { AttemptRecord } from './attempt-record.ts';

const maxMessageLength = 1_000;

/**
 * What the caller is told when nobody is left to try: the last host's own fault where there was one host, `rate_limited` where all of them had
 * enough for now, else `upstream_failed` with every attempt.
 */
export function allFailed(last: FlashmuxError, records: readonly AttemptRecord[]): FlashmuxError {
  if (last.row.retry === 'no') return last;
  const hosts = new Set(records.map(({ provider, upstreamModel }) => `${provider}/${upstreamModel}`));
  if (hosts.size < 2) return last;
  const faults = records.flatMap(({ fault }) => fault ?? []);
  const waits = faults.flatMap(({ retryAfterSeconds }) => retryAfterSeconds ?? []);
  const retryAfter = waits.length === 0 ? {} : { retryAfterSeconds: Math.min(...waits) };
  const upstream = last.upstream === undefined ? {} : { upstream: last.upstream };
  const code = faults.every((fault) => fault.code === 'rate_limited') ? 'rate_limited' : 'upstream_failed';
  return new FlashmuxError(code, message(hosts.size, records), { ...retryAfter, ...upstream, cause: last });
}

function message(hosts: number, records: readonly AttemptRecord[]): string {
  const attempts = records.map(({ provider, fault }) => `${provider}: ${fault?.code ?? 'no answer'} (${fault?.message ?? ''})`);
  const text = `None of the ${hosts} hosts answered. ${attempts.join('; ')}`;
  return text.length <= maxMessageLength ? text : `${text.slice(0, maxMessageLength - 1)}…`;
}
