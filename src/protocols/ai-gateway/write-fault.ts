import type { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { JsonObject } from '../../model/json.ts';
import { writeFault as writeEnvelope } from '../openai-chat/write-fault.ts';
import { fieldName } from './field-name.ts';

/**
 * The envelope of the gateway: `{error: {message, type, param, code}}`. The client makes an error class of the type (read from
 * `create-gateway-error.ts` of 3.0.232 and 4.0.146); one that it does not know becomes an internal error with the status of the reply.
 */
export function writeFault(fault: FlashmuxError, requestId: string): JsonObject {
  const { error } = writeEnvelope(fault, requestId);
  return {
    error: {
      ...(isJsonObject(error) ? error : {}),
      message: messageOf(fault),
      type: typeOf(fault),
      param: fault.param === undefined ? null : fieldName(fault.param),
    },
  };
}

/** With the field in the caller's words. The client's errors have a message and no `param`, so the message names the field. */
function messageOf({ message, param }: FlashmuxError): string {
  if (param === undefined) return message;
  const name = fieldName(param);
  if (message.startsWith(param)) return `${name}${message.slice(param.length)}`;
  return message.includes(name) ? message : `${message} (${name})`;
}

function typeOf({ code, row }: FlashmuxError): string {
  if (code === 'unknown_model') return 'model_not_found';
  if (code === 'insufficient_credits') return 'insufficient_funds';
  switch (row.status) {
    case 401:
      return 'authentication_error';
    case 403:
      return 'forbidden';
    case 404:
      return 'not_found';
    case 429:
      return 'rate_limit_exceeded';
    case 502:
    case 504:
      return 'failed_dependency';
    default:
      return row.status >= 500 ? 'internal_server_error' : 'invalid_request_error';
  }
}
