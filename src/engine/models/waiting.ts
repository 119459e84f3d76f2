import { setTimeout as sleep } from 'node:timers/promises';
import { FlashmuxError } from '../../model/fault.ts';

/** Throws the signal's own fault where it carries one, else `cancelled`. */
export function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  const reason: unknown = signal.reason;
  if (FlashmuxError.is(reason)) throw reason;
  throw new FlashmuxError('cancelled', 'The pull was cancelled. What has arrived is kept, and the next pull goes on from there.');
}

/** Waits. An abort ends it at once, and throws as `throwIfAborted` does. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    throwIfAborted(signal);
  }
}

/** Runs the work with a signal of its own, which also fires after so many milliseconds: then it throws `upstream_timeout`. */
export async function withDeadline<T>(ms: number, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = new AbortController();
  const timer = setTimeout(
    () => deadline.abort(new FlashmuxError('upstream_timeout', `There was no answer within ${ms / 1000} s.`)),
    ms,
  );
  try {
    return await work(AbortSignal.any([signal, deadline.signal]));
  } finally {
    clearTimeout(timer);
  }
}
