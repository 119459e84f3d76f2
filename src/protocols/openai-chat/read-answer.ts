import { FlashmuxError } from '../../model/fault.ts';
import type { EventBatch } from '../../model/event.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json } from '../../model/json.ts';
import { errorIn, readFault } from './read-fault.ts';
import { BodyReader } from './body-reader.ts';
import { isArray } from '../wire/fields.ts';

/** A whole answer as events. Throws the fault of an error body, and `upstream_failed` for a body that is no answer. */
export function readAnswer(body: Json): EventBatch {
  if (isJsonObject(body) && errorIn(body) !== undefined) throw readFault(0, body);
  if (!isJsonObject(body) || !isArray(body['choices'])) {
    throw new FlashmuxError('upstream_failed', 'The upstream answered with a body that is no chat completion.');
  }
  const reader = new BodyReader();
  return [...reader.read(body), ...reader.end()];
}
