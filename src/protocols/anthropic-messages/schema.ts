import { noticeDefinitions } from '../openai-chat/shared-schema.ts';
import type { WireSchemas } from '../wire-schemas.ts';
import { answerDefinitions } from './answer-schema.ts';
import { requestDefinitions } from './request-schema.ts';

/** What this wire looks like to a caller. */
export const anthropicMessagesSchemas: WireSchemas = {
  definitions: { ...noticeDefinitions, ...requestDefinitions, ...answerDefinitions },
  request: 'MessageRequest',
  answer: 'Message',
  event: 'MessageEvent',
  fault: 'MessageError',
  count: { request: 'MessageCountRequest', answer: 'MessageTokenCount' },
};
