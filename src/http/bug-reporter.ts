import type { FlashmuxError } from '../model/fault.ts';
import type { Log } from '../telemetry/log.ts';
import type { Incoming } from './incoming.ts';

/** Logs what the caller is told nothing of: the error as it was thrown, under the request id that the caller has. */
export function bugReporter(log: Log): (incoming: Incoming, fault: FlashmuxError) => void {
  return ({ requestId }, fault) => log.error({ requestId, error: fault.cause ?? fault }, 'unexpected condition');
}
