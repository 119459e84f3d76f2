import type { Duplex } from 'node:stream';
import type { Dialect } from '../dialects/dialect.ts';
import { FlashmuxError } from '../model/fault.ts';
import { STATUS_CODES } from './node-http.ts';
import { commonHeaders, faultHeaders } from './reply.ts';

export interface RawRefusal {
  readonly connection: Duplex;
  readonly dialect: Dialect;
  readonly requestId: string;
  readonly fault: FlashmuxError;
  readonly lingerMs: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers bytes that never became a request, with the headers and the envelope of every other reply, and ends the connection. */
export function refuseConnection({ connection, dialect, requestId, fault, lingerMs, headers }: RawRefusal): void {
  const status = dialect.status(fault);
  const body = JSON.stringify(dialect.writeFault(fault, requestId));
  const lines = Object.entries({
    ...commonHeaders({ requestId, dialect, closing: true }),
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...faultHeaders(fault, status),
    ...headers,
  }).map(([name, value]) => `${name}: ${String(value)}`);
  connection.write([`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}`, ...lines, '', body].join('\r\n'));
  endConnection(connection, lingerMs);
}

/** Sends what is written, says that nothing follows, and closes once the other side has too, or after a moment. */
export function endConnection(connection: Duplex, lingerMs: number): void {
  const timer = setTimeout(() => connection.destroy(), lingerMs);
  connection.once('close', () => clearTimeout(timer));
  connection.end();
}

/** What Node's parser refused, as a fault. Its `reason` is one of the parser's fixed texts and holds nothing of the caller's. */
export function parserFault(error: Error): FlashmuxError {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new FlashmuxError('request_timeout', 'The request did not arrive completely in time.', { cause: error });
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new FlashmuxError('headers_too_large', 'The headers of the request are larger than 16 KiB.', { cause: error });
  }
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : 'it cannot be parsed';
  return new FlashmuxError('invalid_request', `The request is not valid HTTP/1.1: ${reason}.`, { cause: error });
}
