import { openaiChat } from '../../protocols/openai-chat/openai-chat.ts';
import type { Dialect } from '../dialect.ts';
import { openaiChatAbout } from './openai-chat-about.ts';

/**
 * OpenAI Chat Completions under `/v1`. Error codes are strings here, always: @ai-sdk/alibaba loses the message of an error whose
 * code is a number (measured, 2026-11).
 */
export const openaiChatDialect: Dialect = {
  name: 'openai-chat',
  prefix: '/v1',
  generatePaths: ['/v1/chat/completions'],
  readRequest: ({ body }) => openaiChat.server.readRequest(body),
  answers: openaiChat.server,
  stream: { contentType: 'text/event-stream; charset=utf-8', heartbeat: ': keep-alive\n\n' },
  status: (fault) => fault.row.status,
  writeFault: (fault, requestId) => openaiChat.server.writeFault(fault, requestId),
  rateLimitHeaders: 'openai',
  headers: () => ({}),
  about: openaiChatAbout,
};
