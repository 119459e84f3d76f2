import { FlashmuxError } from '../../model/fault.ts';
import type { Json } from '../../model/json.ts';
import { readFault as readHostFault } from '../openai-chat/read-fault.ts';

/** Anthropic has no code for it, only words (its API, 2026-10). */
const tooLong = /prompt is too long|input length and `?max_tokens`? exceed context limit/i;

/**
 * An error of an upstream as a fault: Anthropic's envelope, or the flat one that Alibaba's face of this protocol sends. What no status tells
 * (an error in the middle of a stream) is told by `error.type`.
 */
export function readFault(status: number, body: Json | string): FlashmuxError {
  const fault = readHostFault(status, body);
  const { code, message, upstream } = fault;
  if (code !== 'invalid_request' || !tooLong.test(message)) return fault;
  return new FlashmuxError('context_length_exceeded', message, upstream === undefined ? {} : { upstream });
}
