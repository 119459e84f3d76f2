import { parseJson, type Json } from '../../src/model/json.ts';
import { SseDecoder } from '../../src/protocols/sse/sse-decoder.ts';

/** The JSON of the events of a stream; the word that ends one is none. */
export function eventsIn(text: string): readonly Json[] {
  const decoder = new SseDecoder();
  const frames = [...decoder.decode(Buffer.from(text)), ...decoder.end()];
  return frames.filter(({ data }) => data !== '[DONE]').map(({ data }) => jsonOf(data));
}

function jsonOf(data: string): Json {
  const value = parseJson(data);
  if (value === undefined) throw new Error(`no JSON: ${data}`);
  return value;
}
