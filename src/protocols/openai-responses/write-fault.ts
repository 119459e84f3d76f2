import type { FlashmuxError } from '../../model/fault.ts';
import type { JsonObject } from '../../model/json.ts';
import { writeFault as writeEnvelope } from '../openai-chat/write-fault.ts';

/** OpenAI has one envelope for the errors of all its APIs. */
export function writeFault(fault: FlashmuxError, requestId: string): JsonObject {
  return writeEnvelope(fault, requestId);
}

/**
 * The error event of a stream, flat and nested at once: openai 6 throws only for the nested form, the published types have the flat
 * one, and @ai-sdk/openai reads either (measured, 2026-11).
 */
export function writeErrorEvent(fault: FlashmuxError, requestId: string, sequenceNumber: number) {
  const { error = null } = writeEnvelope(fault, requestId);
  return {
    type: 'error' as const,
    sequence_number: sequenceNumber,
    code: fault.row.openaiCode,
    message: fault.message,
    param: fault.param ?? null,
    error,
  };
}
