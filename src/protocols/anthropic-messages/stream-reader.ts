import { FlashmuxError } from '../../model/fault.ts';
import type { AnswerEvent } from '../../model/event.ts';
import { isJsonObject, parseJson } from '../../model/json.ts';
import type { JsonObject } from '../../model/json.ts';
import type { SseFrame, StreamReader } from '../codec.ts';
import { errorIn } from '../openai-chat/read-fault.ts';
import { MessageReader } from './message-reader.ts';
import { readFault } from './read-fault.ts';

/**
 * Reads the events of a streamed answer. The type inside the data counts, not the `event:` line, which some servers leave out. `ping` may
 * come before `message_start` (Alibaba's face sends it so), and unknown events are passed over.
 */
export function streamReader(): StreamReader {
  const message = new MessageReader();
  let isOver = false;
  return {
    read({ event, data }: SseFrame): readonly AnswerEvent[] {
      if (isOver || data === '') return [];
      const body = parseJson(data);
      if (event === 'error') throw readFault(0, body ?? data);
      if (body === undefined && data.trim() === '[DONE]') return [];
      if (body === undefined) throw new FlashmuxError('upstream_failed', 'The upstream sent an event whose data is no JSON.');
      if (!isJsonObject(body)) return [];
      const out: AnswerEvent[] = [];
      isOver = readEvent(message, body, out);
      return out;
    },
    end(): readonly AnswerEvent[] {
      if (!message.hasStarted)
        throw new FlashmuxError('upstream_failed', 'The upstream ended the stream before an answer began.');
      if (!message.isFinished)
        throw new FlashmuxError('upstream_failed', 'The upstream ended the stream before the answer was complete.');
      const out: AnswerEvent[] = [];
      message.end(out);
      return out;
    },
  };
}

/** True where the event says that nothing follows. Throws the fault of an error. */
function readEvent(message: MessageReader, body: JsonObject, out: AnswerEvent[]): boolean {
  const { type } = body;
  switch (typeof type === 'string' ? type : '') {
    case 'message_start':
      if (isJsonObject(body['message'])) message.start(body['message'], out);
      return false;
    case 'content_block_start':
      message.open(body['index'], body['content_block'], out);
      return false;
    case 'content_block_delta':
      message.delta(body['index'], body['delta'], out);
      return false;
    case 'content_block_stop':
      message.close(body['index'], out);
      return false;
    case 'message_delta':
      message.change(body, out);
      return false;
    case 'message_stop':
      message.end(out);
      return message.isFinished;
    default:
      if (errorIn(body) !== undefined) throw readFault(0, body);
      return false;
  }
}
