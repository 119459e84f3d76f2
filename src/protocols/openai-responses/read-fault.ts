import type { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json } from '../../model/json.ts';
import { readFault as readEnvelope } from '../openai-chat/read-fault.ts';

/**
 * An error of an upstream as a fault: the envelope that OpenAI's APIs share, DashScope's flat one, an error event of a stream, or a
 * response that failed, which tells its error inside.
 */
export function readFault(status: number, body: Json | string): FlashmuxError {
  const inside = isJsonObject(body) && isJsonObject(body['response']) ? body['response'] : body;
  return readEnvelope(status, inside);
}
