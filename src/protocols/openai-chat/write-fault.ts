import type { FlashmuxError } from '../../model/fault.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import { wire } from '../wire/said.ts';

/**
 * OpenAI's nested envelope. `code` is a string: `@ai-sdk/alibaba` loses the message of an error whose code is a number. `param` is
 * there, and null, where no field was wrong.
 */
export function writeFault(fault: FlashmuxError, requestId: string): JsonObject {
  const { row, upstream } = fault;
  return {
    error: wire({
      message: fault.message,
      type: row.openaiType,
      param: fault.param ?? null,
      code: row.openaiCode,
      request_id: requestId,
      upstream: upstream === undefined ? undefined : writeUpstream(upstream),
    }),
  };
}

function writeUpstream(upstream: NonNullable<FlashmuxError['upstream']>): Json {
  return wire({ status: upstream.status, provider: upstream.provider, body: upstream.body });
}
