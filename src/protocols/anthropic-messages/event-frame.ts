import type { JsonObject } from '../../model/json.ts';
import { sseFrame } from '../sse/sse-frame.ts';

/** One event of a stream. Its name stands in the data and in an `event:` line, without which @anthropic-ai/sdk passes it over. */
export function eventFrame(type: string, fields: JsonObject = {}): string {
  return sseFrame(JSON.stringify({ type, ...fields }), type);
}

/** Keeps a connection alive while the model is silent; every client passes over it. */
export const pingFrame = eventFrame('ping');
