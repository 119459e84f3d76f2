import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { EventBatch } from '../../model/event.ts';
import { unknownFields } from '../wire/carried.ts';
import { isArray } from '../wire/fields.ts';
import { errorIn } from '../openai-chat/read-fault.ts';
import { wire } from '../wire/said.ts';
import { readFault } from './read-fault.ts';
import { EventReader } from './stream-reader.ts';

const bodyKeys = new Set(['content', 'finishReason', 'usage', 'warnings', 'providerMetadata', 'response']);

/** A whole reply as events: those of the stream that it could have been. Throws the fault of an error body, and `upstream_failed` for no answer. */
export function readAnswer(body: Json): EventBatch {
  if (isJsonObject(body) && errorIn(body) !== undefined) throw readFault(0, body);
  if (!isJsonObject(body) || !isArray(body['content'])) {
    throw new FlashmuxError('upstream_failed', 'The upstream answered with a body that is no result of a language model.');
  }
  const reader = new EventReader();
  const { finishReason, usage, warnings, providerMetadata, response } = body;
  const parts: readonly JsonObject[] = [
    wire({ type: 'stream-start', warnings }),
    { ...(isJsonObject(response) ? response : {}), type: 'response-metadata' },
    ...streamed(body['content']),
    { ...unknownFields(body, bodyKeys), ...wire({ type: 'finish', finishReason, usage, providerMetadata }) },
  ];
  return parts.flatMap((part) => reader.readPart(part));
}

/** The sources behind a text are those that it cites, so they are read before its end. */
function streamed(content: readonly Json[]): readonly JsonObject[] {
  const parts: JsonObject[] = [];
  let textEnd: JsonObject | undefined;
  const endText = (): void => {
    if (textEnd !== undefined) parts.push(textEnd);
    textEnd = undefined;
  };
  for (const [index, part] of content.entries()) {
    if (!isJsonObject(part)) continue;
    if (part['type'] !== 'source') endText();
    const id = `content ${index}`;
    if (part['type'] === 'text') {
      const { providerMetadata } = part;
      parts.push(wire({ type: 'text-start', id, providerMetadata }));
      parts.push(wire({ type: 'text-delta', id, delta: part['text'], providerMetadata }));
      textEnd = wire({ type: 'text-end', id, citations: part['citations'] });
    } else if (part['type'] === 'reasoning') {
      parts.push(wire({ type: 'reasoning-start', id, providerMetadata: part['providerMetadata'] }));
      parts.push(wire({ type: 'reasoning-delta', id, delta: part['text'] }), { type: 'reasoning-end', id });
    } else parts.push(part);
  }
  endText();
  return parts;
}
