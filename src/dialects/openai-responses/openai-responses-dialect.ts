import { openaiChatDialect } from '../openai-chat/openai-chat-dialect.ts';
import type { Dialect } from '../dialect.ts';
import { openaiResponsesAbout } from './openai-responses-about.ts';
import { readResponseCall, requestOf, responseAnswers } from './response-call.ts';

/**
 * OpenAI's Responses. What is kept of them, and what a request finds again of it, is in http/responses; what this reads is the whole
 * call only where nothing came before.
 */
export const openaiResponsesDialect: Dialect = {
  ...openaiChatDialect,
  name: 'openai-responses',
  prefix: '/v1/responses',
  generatePaths: ['/v1/responses'],
  answerPrefix: 'resp',
  remembers: true,
  readRequest: ({ body }) => requestOf(readResponseCall(body), [], []),
  answers: responseAnswers({ options: { references: [] }, body: {} }, false),
  about: openaiResponsesAbout,
};
