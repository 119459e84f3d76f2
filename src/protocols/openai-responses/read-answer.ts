import type { AnswerEvent, EventBatch } from '../../model/event.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json } from '../../model/json.ts';
import { isArray } from '../wire/fields.ts';
import { errorIn } from '../openai-chat/read-fault.ts';
import { readFault } from './read-fault.ts';
import { ResponseReader } from './response-reader.ts';

/** A whole answer as events. Throws the fault of an error body or of a response that failed, and `upstream_failed` for no response. */
export function readAnswer(body: Json): EventBatch {
  if (isJsonObject(body) && errorIn(body) !== undefined) throw readFault(0, body);
  if (!isJsonObject(body) || !isArray(body['output'])) {
    throw new FlashmuxError('upstream_failed', 'The upstream answered with a body that is no response.');
  }
  const out: AnswerEvent[] = [];
  new ResponseReader().end(body, out);
  return out;
}
