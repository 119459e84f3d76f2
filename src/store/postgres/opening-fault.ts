import postgres from 'postgres';
import { FlashmuxError } from '../../model/fault.ts';

/**
 * Why the server refuses this process, in words that say what to change, for the codes behind which there is a mistake in the
 * settings. Anything else comes back as it is: it may pass. The server's own words are kept; they hold no password.
 */
export function explainRefusal(error: unknown): unknown {
  const refusal = error instanceof Error && error.cause instanceof postgres.PostgresError ? error.cause : error;
  if (!(refusal instanceof postgres.PostgresError)) return error;
  const help = helpFor(refusal.code);
  if (help === undefined) return error;
  return new FlashmuxError('conflict', `The database of DATABASE_URL cannot be used: ${refusal.message}. ${help}`);
}

/** That the database stayed away, in words for whoever starts a server or a command. Anything else comes back as it is. */
export function explainAbsence(error: unknown): unknown {
  if (!FlashmuxError.is(error) || error.code !== 'overloaded' || !(error.cause instanceof Error)) return error;
  const { cause } = error;
  return new FlashmuxError('overloaded', `The database of DATABASE_URL cannot be reached: ${cause.message}.`, {
    cause,
    retryAfterSeconds: 5,
  });
}

function helpFor(code: string): string | undefined {
  switch (code) {
    case '28P01':
    case '28000':
      return 'Look at the user and the password in the URL, and at pg_hba.conf of the server.';
    case '3D000':
      return 'Create it: CREATE DATABASE flashmux.';
    case '42501':
      return 'The user needs the right to create tables: let it own the database (ALTER DATABASE ... OWNER TO ...).';
    case '42704':
    case '22023':
      return 'Take that parameter out of the URL.';
    default:
      return undefined;
  }
}
