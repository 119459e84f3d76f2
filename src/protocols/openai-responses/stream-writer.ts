import type { JsonObject } from '../../model/json.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Envelope, StreamWriter } from '../codec.ts';
import { SseSink } from './event-sink.ts';
import { echoOf } from './response-object.ts';
import { ResponseWriter } from './response-writer.ts';
import { writeErrorEvent } from './write-fault.ts';

/**
 * Events in the order that openai 6 and 7 and @ai-sdk/openai 3 and 4 accept: created, in_progress, the items, and the whole response once
 * the usage is settled. There is no `[DONE]`. A fault ends the stream with an error event, after which nothing comes: any further word of
 * the response would say that it is over in an orderly way. `echo`: what the API around the codec adds to the response.
 */
export function streamWriter(envelope: Envelope, request: GenerateRequest, echo?: JsonObject): StreamWriter {
  const sink = new SseSink();
  const writer = new ResponseWriter(envelope, echoOf(request, echo), sink);
  return {
    write(batch) {
      for (const event of batch) writer.add(event);
      if (batch.length > 0) writer.open();
      return sink.taken();
    },
    end() {
      writer.finish();
      return sink.taken();
    },
    fault(fault) {
      sink.write('error', writeErrorEvent(fault, envelope.requestId, sink.takeNumber()));
      return sink.taken();
    },
  };
}
