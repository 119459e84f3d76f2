import { writeFlavouredAnswer } from '../../protocols/openai-chat/write-answer.ts';
import { flavouredStreamWriter } from '../../protocols/openai-chat/stream-writer.ts';
import type { Dialect } from '../dialect.ts';
import { openrouterAbout } from './openrouter-about.ts';
import { openrouterFlavour } from './openrouter-flavour.ts';
import { readOpenrouterRequest } from './read-openrouter-request.ts';
import { withoutThoughts, withoutThoughtsIn } from './without-thoughts.ts';
import { writeOpenrouterFault } from './write-openrouter-fault.ts';

/**
 * Chat completions as OpenRouter has them, under `/api/v1`: usage is told always, errors have a number for a code, thoughts come
 * with their details. Shapes as `@openrouter/sdk` 1.3.19 validates them.
 */
export const openrouterDialect: Dialect = {
  name: 'openrouter',
  prefix: '/api/v1',
  generatePaths: ['/api/v1/chat/completions'],
  readRequest: ({ body }) => readOpenrouterRequest(body),
  answers: {
    writeAnswer: (answer, envelope, request) =>
      writeFlavouredAnswer(request?.hidesThoughts === true ? withoutThoughtsIn(answer) : answer, envelope, openrouterFlavour),
    streamWriter(envelope, request) {
      const writer = flavouredStreamWriter(envelope, request, openrouterFlavour);
      return request.hidesThoughts === true ? withoutThoughts(writer) : writer;
    },
  },
  stream: { contentType: 'text/event-stream; charset=utf-8', heartbeat: ': OPENROUTER PROCESSING\n\n' },
  status: (fault) => fault.row.status,
  writeFault: (fault, requestId) => ({ error: writeOpenrouterFault(fault, requestId) }),
  rateLimitHeaders: 'openai',
  headers: ({ answerId }) => (answerId === undefined ? {} : { 'x-generation-id': answerId }),
  about: openrouterAbout,
};
