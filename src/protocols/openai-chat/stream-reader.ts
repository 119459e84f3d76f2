import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject, parseJson } from '../../model/json.ts';
import type { AnswerEvent } from '../../model/event.ts';
import type { SseFrame, StreamReader } from '../codec.ts';
import { BodyReader } from './body-reader.ts';
import { readFault } from './read-fault.ts';
import { RepeatedFrame } from './repeated-frame.ts';

/** Reads the chunks of a streamed answer. */
export function streamReader(): StreamReader {
  const body = new BodyReader();
  const repeated = new RepeatedFrame();
  let done = false;
  return {
    read({ event, data }: SseFrame): readonly AnswerEvent[] {
      if (done || data === '') return [];
      if (data.trim() === '[DONE]') {
        done = true;
        return [];
      }
      const word = event === undefined ? repeated.wordOf(data) : undefined;
      const said = word === undefined ? undefined : body.goOn(word);
      if (said !== undefined) return said;
      const chunk = parseJson(data);
      if (event === 'error') throw readFault(0, chunk ?? data);
      if (chunk === undefined) throw new FlashmuxError('upstream_failed', 'The upstream sent an event whose data is no JSON.');
      const events = isJsonObject(chunk) ? body.read(chunk) : [];
      repeated.learn(data, events);
      return events;
    },
    end(): readonly AnswerEvent[] {
      if (!body.hasStarted) throw new FlashmuxError('upstream_failed', 'The upstream ended the stream before an answer began.');
      if (!body.isFinished)
        throw new FlashmuxError('upstream_failed', 'The upstream ended the stream before the answer was complete.');
      return body.end();
    },
  };
}
