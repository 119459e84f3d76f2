import { FlashmuxError } from '../../model/fault.ts';
import type { AnswerEvent, EventBatch } from '../../model/event.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json } from '../../model/json.ts';
import { errorIn } from '../openai-chat/read-fault.ts';
import { isArray } from '../wire/fields.ts';
import { MessageReader } from './message-reader.ts';
import { readFault } from './read-fault.ts';

/** A whole answer as events. Throws the fault of an error body, and `upstream_failed` for a body that is no message. */
export function readAnswer(body: Json): EventBatch {
  if (isJsonObject(body) && errorIn(body) !== undefined) throw readFault(0, body);
  if (!isJsonObject(body) || !isArray(body['content'])) {
    throw new FlashmuxError('upstream_failed', 'The upstream answered with a body that is no message.');
  }
  const reader = new MessageReader();
  const events: AnswerEvent[] = [];
  reader.start(body, events);
  reader.end(events);
  return events;
}
