import { anyOf, listOf, nothing, recordOf, ref, said, text } from '../../model/json-schema.ts';
import { isJsonObject, type JsonObject } from '../../model/json.ts';
import { mediaUrl } from '../openai-chat/message-schema.ts';
import { openaiChatSchemas } from '../openai-chat/schema.ts';
import type { WireSchemas } from '../wire-schemas.ts';

const chat = openaiChatSchemas.definitions['ChatRequest'] ?? {};
const properties = isJsonObject(chat['properties']) ? chat['properties'] : {};
const { model: _, ...withoutModel } = properties;

const request: JsonObject = {
  ...chat,
  description:
    'Chat completions without a model, which stands in the path, and with pictures beside the messages. Fields that are not listed are treated as there.',
  required: ['messages'],
  properties: {
    ...withoutModel,
    image: said('Pictures for the last message of the user, which there must be.', anyOf(mediaUrl, listOf(mediaUrl), nothing)),
  },
};

export const segmindSchemas: WireSchemas = {
  definitions: {
    ...openaiChatSchemas.definitions,
    SegmindRequest: request,
    SegmindError: said(
      'The envelope of chat completions, and its message again.',
      recordOf({ error: ref('ChatErrorDetails'), message: text }),
    ),
  },
  request: 'SegmindRequest',
  answer: 'ChatCompletion',
  event: 'ChatEvent',
  fault: 'SegmindError',
};
