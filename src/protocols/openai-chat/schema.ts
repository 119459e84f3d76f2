import type { WireSchemas } from '../wire-schemas.ts';
import { answerDefinitions } from './answer-schema.ts';
import { messageDefinitions } from './message-schema.ts';
import { requestDefinitions } from './request-schema.ts';
import { sharedDefinitions } from './shared-schema.ts';

/** What this wire looks like to a caller. */
export const openaiChatSchemas: WireSchemas = {
  definitions: { ...requestDefinitions, ...messageDefinitions, ...answerDefinitions, ...sharedDefinitions },
  request: 'ChatRequest',
  answer: 'ChatCompletion',
  event: 'ChatEvent',
  fault: 'ChatError',
};
