import type { FlashmuxError } from '../model/fault.ts';

/** Work of a listener that is no HTTP request that waits for its reply: it ends with the listener as requests do. */
export interface Companion {
  /** No new work from now on. */
  stopAccepting(): void;
  /** Resolves once nothing runs, or after so many milliseconds. */
  idle(maxMs: number): Promise<void>;
  /** Ends what runs early. */
  abortAll(fault: FlashmuxError): void;
  /** Lets go of whatever is still open. */
  close(): void;
}
