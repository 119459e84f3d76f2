import { FlashmuxError } from '../model/fault.ts';

/** The reason of an abort where it is a fault (a deadline, a shutdown), else that the caller left. */
export function abortFault(signal: AbortSignal): FlashmuxError {
  const reason: unknown = signal.reason;
  if (FlashmuxError.is(reason)) return reason;
  return new FlashmuxError('cancelled', 'The request was cancelled.', { cause: reason });
}
