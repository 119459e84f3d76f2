import { FlashmuxError } from '../../model/fault.ts';
import type { FaultCode } from '../../model/fault.ts';

/** An error as plain data: classes do not survive the way between threads. */
export interface StoreFault {
  readonly message: string;
  readonly code?: FaultCode;
  /** SQLite's extended result code, where it is SQLite's error. */
  readonly sqliteCode?: number;
}

export function storeFaultOf(error: unknown): StoreFault {
  if (FlashmuxError.is(error)) return { message: error.message, code: error.code };
  if (!(error instanceof Error)) return { message: String(error) };
  const sqliteCode = 'errcode' in error && typeof error.errcode === 'number' ? { sqliteCode: error.errcode } : {};
  return { message: error.message, ...sqliteCode };
}

/** Primary result codes of SQLite after which the same call may succeed later. */
const passing = { busy: 5, full: 13 };

/** Those after which nothing that SQLite says may be trusted. */
const fatal = { ioError: 10, corrupt: 11, notADatabase: 26 };

export function shuttingDown(): FlashmuxError {
  return new FlashmuxError('shutting_down', 'The server is shutting down.', { retryAfterSeconds: 5 });
}

/** A full disk or a busy file may pass, so it is told as such; anything else is a bug, and its message is for the log only. */
export function errorOf(fault: StoreFault): Error {
  if (fault.code !== undefined) return new FlashmuxError(fault.code, fault.message);
  if (fault.sqliteCode === undefined) return new Error(fault.message);
  const cause = new Error(`${fault.message} (SQLite code ${fault.sqliteCode})`);
  if (!Object.values(passing).includes(primaryCode(fault.sqliteCode))) return cause;
  const words = 'The data file cannot be written at the moment. Try again later.';
  return new FlashmuxError('overloaded', words, { cause, retryAfterSeconds: 5 });
}

/**
 * True where the store must not go on. After a failed fsync the kernel may report success for the same pages although they
 * never reached the disk, so going on would acknowledge what is lost.
 */
export function isFatal(fault: StoreFault): boolean {
  return fault.sqliteCode !== undefined && Object.values(fatal).includes(primaryCode(fault.sqliteCode));
}

/** The low byte of an extended code. */
function primaryCode(sqliteCode: number): number {
  return sqliteCode & 0xff;
}
