import { sharedDefinitions } from '../openai-chat/shared-schema.ts';
import type { WireSchemas } from '../wire-schemas.ts';
import { answerDefinitions } from './answer-schema.ts';
import { eventDefinitions } from './event-schema.ts';
import { itemDefinitions } from './item-schema.ts';
import { requestDefinitions } from './request-schema.ts';

/** What this wire looks like to a caller. */
export const openaiResponsesSchemas: WireSchemas = {
  definitions: { ...sharedDefinitions, ...requestDefinitions, ...itemDefinitions, ...answerDefinitions, ...eventDefinitions },
  request: 'ResponseRequest',
  answer: 'Response',
  event: 'ResponseEvent',
  fault: 'ChatError',
};
