import { completionStreamWriter } from '../../protocols/openai-completions/completion-stream-writer.ts';
import { readCompletion } from '../../protocols/openai-completions/read-completion.ts';
import { writeCompletion } from '../../protocols/openai-completions/write-completion.ts';
import type { Dialect } from '../dialect.ts';
import { openaiChatDialect } from '../openai-chat/openai-chat-dialect.ts';
import { openaiCompletionsAbout } from './openai-completions-about.ts';

/**
 * OpenAI's legacy completions. The embedded engine continues the text as it stands; a host that only chats is asked the prompt as a
 * message of the user, and says so in a notice.
 */
export const openaiCompletionsDialect: Dialect = {
  name: 'openai-completions',
  prefix: '/v1/completions',
  generatePaths: ['/v1/completions'],
  readRequest: ({ body }) => readCompletion(body),
  answers: { writeAnswer: writeCompletion, streamWriter: completionStreamWriter },
  about: openaiCompletionsAbout,
  stream: openaiChatDialect.stream,
  status: (fault) => openaiChatDialect.status(fault),
  writeFault: (fault, requestId) => openaiChatDialect.writeFault(fault, requestId),
  rateLimitHeaders: openaiChatDialect.rateLimitHeaders,
  headers: (facts) => openaiChatDialect.headers(facts),
};
