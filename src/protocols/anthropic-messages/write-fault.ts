import type { FlashmuxError } from '../../model/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import { wire } from '../wire/said.ts';

/**
 * Anthropic's envelope. `details.error_code` is where its clients look for a finer word than the type (@anthropic-ai/sdk shows it as
 * `errorCode`); `param` beside it is ours.
 */
export function writeFault(fault: FlashmuxError, requestId: string): JsonObject {
  const { row, param, upstream } = fault;
  return {
    type: 'error',
    error: wire({
      type: row.anthropicType,
      message: fault.message,
      details: wire({ error_code: fault.code, param }),
      upstream: upstream && wire({ status: upstream.status, provider: upstream.provider, body: upstream.body }),
    }),
    request_id: requestId,
  };
}
