import type { Log, LogFields } from '../../src/telemetry/log.ts';

export interface RecordingLog extends Log {
  /** Every line of this log and its children. */
  readonly lines: readonly LogFields[];
}

export function recordingLog(lines: LogFields[] = []): RecordingLog {
  const record = (fields: LogFields): void => void lines.push(fields);
  return { lines, debug: record, info: record, warn: record, error: record, child: () => recordingLog(lines) };
}
