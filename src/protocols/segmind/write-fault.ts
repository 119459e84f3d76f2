import type { FlashmuxError } from '../../model/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import { writeFault as writeEnvelope } from '../openai-chat/write-fault.ts';

/**
 * The pages show no error body; their samples print whatever it is. So it is the envelope of chat completions, and beside it the message
 * under the name that programs written for Segmind read it by.
 */
export function writeFault(fault: FlashmuxError, requestId: string): JsonObject {
  return { ...writeEnvelope(fault, requestId), message: fault.message };
}
