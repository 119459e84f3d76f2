import { FlashmuxError } from '../model/fault.ts';
import { errors } from './undici-parts.ts';

/** What went wrong with a connection, as a fault that names the host and nothing that may be secret. */
export function connectionFault(error: Error, host: string): FlashmuxError {
  if (FlashmuxError.is(error)) return error;
  // `net` and undici both wrap: the guard's refusal may stand one level down.
  if (FlashmuxError.is(error.cause)) return error.cause;
  if (error instanceof errors.ConnectTimeoutError) {
    return new FlashmuxError('upstream_timeout', `${host} did not accept a connection in time.`, { cause: error });
  }
  if (error instanceof errors.ClientDestroyedError || error instanceof errors.ClientClosedError) {
    return new FlashmuxError('shutting_down', 'The server is shutting down.', { cause: error });
  }
  return new FlashmuxError('upstream_failed', `The connection to ${host} failed: ${reasonOf(error)}.`, { cause: error });
}

function reasonOf(error: Error): string {
  // With two addresses for one name, node:net reports an AggregateError whose own message is empty.
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code: unknown = inner instanceof Error && 'code' in inner ? inner.code : undefined;
  if (typeof code !== 'string') return error.name;
  return explanations[code] ?? code;
}

const explanations: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  ECONNRESET: 'it was reset (ECONNRESET)',
  ENOTFOUND: 'no such host name (ENOTFOUND)',
  EAI_AGAIN: 'the name server did not answer (EAI_AGAIN)',
  EHOSTUNREACH: 'no route to the host (EHOSTUNREACH)',
  ENETUNREACH: 'no route to the network (ENETUNREACH)',
  UND_ERR_SOCKET: 'the other side closed it (UND_ERR_SOCKET)',
};
