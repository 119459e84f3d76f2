import postgres from 'postgres';
import { FlashmuxError } from '../../model/fault.ts';

/**
 * The connection broke. Where that happened after COMMIT was sent, nobody knows whether it was committed; whoever asked runs
 * the operation once more, and its ids say what was done already.
 */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** What helps after a failure. */
export type Remedy =
  /** The same once more: somebody else was in the way, and this transaction was rolled back. */
  | 'rerun'
  /** The same once more, and should it fail again in the same way, it is a mistake of the caller. */
  | 'rerun-once'
  /** The same on another connection, once the server is there again. */
  | 'reconnect'
  | 'none';

// Codes of PostgreSQL's appendix A.
const rerun = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available: lock_timeout
  '57014', // query_canceled: statement_timeout
]);
const uniqueViolation = '23505';
const reconnect = new Set([
  '25006', // read_only_sql_transaction: the server was demoted, or the statement was outside its transaction
  '25P03', // idle_in_transaction_session_timeout
  '3D000', // invalid_catalog_name: the database is not there
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
]);
/**
 * 08: connection exceptions. 28: the server does not let us in (at the moment: a password may just be changing). 53: insufficient
 * resources, such as a full disk. 58: the server's own system failed it.
 */
const reconnectClasses = new Set(['08', '28', '53', '58']);

export function remedyOf(error: unknown): Remedy {
  if (error instanceof ConnectionLost) return 'reconnect';
  if (!(error instanceof postgres.PostgresError)) return 'none';
  const { code } = error;
  if (rerun.has(code)) return 'rerun';
  // Another transaction wrote the same id after this one had looked for it. Run again, this one finds it.
  if (code === uniqueViolation) return 'rerun-once';
  return reconnect.has(code) || reconnectClasses.has(code.slice(0, 2)) ? 'reconnect' : 'none';
}

/** The failure of a socket as ConnectionLost; undefined for anything else. */
export function connectionTrouble(error: unknown): ConnectionLost | undefined {
  if (error instanceof ConnectionLost) return error;
  if (!(error instanceof Error)) return undefined;
  if (error instanceof postgres.PostgresError) {
    return remedyOf(error) === 'reconnect' ? new ConnectionLost(told(error), { cause: error }) : undefined;
  }
  const code = 'code' in error ? String(error.code) : '';
  // Node's own codes (ECONNREFUSED, EAI_AGAIN) and the library's (CONNECTION_CLOSED, CONNECT_TIMEOUT).
  return /^(E[A-Z]|CONNECT)/.test(code) ? new ConnectionLost(error.message === '' ? code : error.message) : undefined;
}

/** What the caller of the store sees. The server's details may hold what stands in a row, so they are left out. */
export function publicError(error: unknown): unknown {
  if (!(error instanceof postgres.PostgresError)) return error;
  const cause = new Error(told(error));
  switch (error.code) {
    case '22021':
    case '22P05':
      return new FlashmuxError('invalid_request', 'A text holds a character that PostgreSQL cannot keep (U+0000).', { cause });
    case '22003':
      return new FlashmuxError('invalid_request', 'A number is larger than 64 bits can hold.', { cause });
    default:
      return cause;
  }
}

function told(error: postgres.PostgresError): string {
  return `${error.message} (PostgreSQL code ${error.code})`;
}
