import type { FlashmuxError } from '../../model/fault.ts';
import type { Json } from '../../model/json.ts';
import { readFault as readEnvelope } from '../openai-chat/read-fault.ts';

/** The envelope is that of OpenAI around other words, and those say the same to the reader of them: `rate_limit_exceeded`, `authentication_error`. */
export function readFault(status: number, body: Json | string): FlashmuxError {
  return readEnvelope(status, body);
}
