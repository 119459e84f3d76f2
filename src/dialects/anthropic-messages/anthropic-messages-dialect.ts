import { anthropicMessages } from '../../protocols/anthropic-messages/anthropic-messages.ts';
import { pingFrame } from '../../protocols/anthropic-messages/event-frame.ts';
import { readModelPage, writeModel, writeModelList } from '../../protocols/anthropic-messages/model-list.ts';
import { readCountRequest } from '../../protocols/anthropic-messages/read-request.ts';
import { writeTokenCount } from '../../protocols/anthropic-messages/write-token-count.ts';
import type { Dialect } from '../dialect.ts';
import { anthropicMessagesAbout } from './anthropic-messages-about.ts';

/**
 * Anthropic Messages under `/v1/messages`. `anthropic-version` and `anthropic-beta` choose nothing here: both generations of bodies are
 * read, with or without the header. The version is how its clients are told from others where they look at the models (both published
 * lines of @anthropic-ai/sdk, @ai-sdk/anthropic and @langchain/anthropic send it always, measured 2026-11).
 */
export const anthropicMessagesDialect: Dialect = {
  name: 'anthropic-messages',
  prefix: '/v1/messages',
  generatePaths: ['/v1/messages'],
  readRequest: ({ body }) => anthropicMessages.server.readRequest(body),
  answers: anthropicMessages.server,
  answerPrefix: 'msg',
  wantsInputTokens: true,
  counting: {
    path: '/v1/messages/count_tokens',
    readRequest: ({ body }) => readCountRequest(body),
    writeCount: writeTokenCount,
  },
  models: {
    isClient: (headers) => headers['anthropic-version'] !== undefined,
    // `beta` says nothing: the SDK's beta resources send it with every call.
    query: ['limit', 'after_id', 'before_id', 'beta'],
    writeList: (models, query) => writeModelList(models, readModelPage(query)),
    writeModel,
  },
  stream: { contentType: 'text/event-stream; charset=utf-8', heartbeat: pingFrame },
  status: (fault) => fault.row.anthropicStatus,
  writeFault: (fault, requestId) => anthropicMessages.server.writeFault(fault, requestId),
  rateLimitHeaders: 'anthropic',
  headers: () => ({}),
  about: anthropicMessagesAbout,
};
