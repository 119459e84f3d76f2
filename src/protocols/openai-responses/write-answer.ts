import type { Answer } from '../../model/answer.ts';
import type { JsonObject } from '../../model/json.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { unfold } from '../../model/stream.ts';
import type { Envelope } from '../codec.ts';
import { nobody } from './event-sink.ts';
import { echoOf } from './response-object.ts';
import { ResponseWriter } from './response-writer.ts';

/**
 * The whole response object, which is what the last event of the same answer's stream holds. A response repeats the options of its
 * `request`; without one it tells what OpenAI tells for options that were not said. `echo`: what the API around the codec adds.
 */
export function writeAnswer(answer: Answer, envelope: Envelope, request?: GenerateRequest, echo?: JsonObject): JsonObject {
  const writer = new ResponseWriter(envelope, echoOf(request, echo), nobody);
  for (const event of unfold(answer)) writer.add(event);
  return writer.finish();
}
