import type { AnswerEvent } from '../../model/event.ts';
import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject, parseJson } from '../../model/json.ts';
import type { JsonObject } from '../../model/json.ts';
import type { SseFrame, StreamReader } from '../codec.ts';
import { errorIn } from '../openai-chat/read-fault.ts';
import { typeOf } from './item-reader.ts';
import { readFault } from './read-fault.ts';
import { ResponseReader } from './response-reader.ts';

/** Reads the events of a streamed response. */
export function streamReader(): StreamReader {
  const response = new ResponseReader();
  return {
    read({ event: name, data }: SseFrame): readonly AnswerEvent[] {
      if (data === '' || data.trim() === '[DONE]') return [];
      const event = parseJson(data);
      if (name === 'error') throw readFault(0, event ?? data);
      if (event === undefined) throw new FlashmuxError('upstream_failed', 'The upstream sent an event whose data is no JSON.');
      const out: AnswerEvent[] = [];
      if (isJsonObject(event)) readEvent(event, response, out);
      return out;
    },
    end(): readonly AnswerEvent[] {
      if (!response.isStarted)
        throw new FlashmuxError('upstream_failed', 'The upstream ended the stream before an answer began.');
      if (!response.isEnded)
        throw new FlashmuxError('upstream_failed', 'The upstream ended the stream before the answer was complete.');
      return [];
    },
  };
}

function readEvent(event: JsonObject, response: ResponseReader, out: AnswerEvent[]): void {
  if (response.isEnded) return;
  const inside = isJsonObject(event['response']) ? event['response'] : {};
  switch (typeOf(event)) {
    case 'response.created':
    case 'response.queued':
    case 'response.in_progress':
      response.start(inside, out);
      return;
    case 'response.output_item.added':
      response.added(event, out);
      return;
    case 'response.output_item.done':
      response.done(event, out);
      return;
    case 'response.completed':
    case 'response.incomplete':
    case 'response.failed':
    case 'response.cancelled':
      response.end(inside, out);
      return;
    default:
      // An error event has the type `error`; DashScope's errors have none.
      if (errorIn(event) !== undefined) throw readFault(0, event);
      response.within(event, out);
  }
}
