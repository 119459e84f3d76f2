import type { FlashmuxError } from '../model/fault.ts';

/** What happened at one host; all of them go into the request record. */
export interface AttemptRecord {
  readonly provider: string;
  readonly upstreamModel: string;
  readonly answeringModel: string;
  readonly durationMs: number;
  /** Absent: it went well. */
  readonly fault?: FlashmuxError;
}
