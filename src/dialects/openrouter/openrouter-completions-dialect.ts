import { completionStreamWriter } from '../../protocols/openai-completions/completion-stream-writer.ts';
import { readCompletion } from '../../protocols/openai-completions/read-completion.ts';
import { writeCompletion } from '../../protocols/openai-completions/write-completion.ts';
import type { Dialect } from '../dialect.ts';
import { openrouterCompletionsAbout } from './openrouter-about.ts';
import { openrouterDialect } from './openrouter-dialect.ts';
import { writeOpenrouterFault } from './write-openrouter-fault.ts';

/** The legacy completions under `/api/v1`, which `@openrouter/ai-sdk-provider` still calls. Usage is told always. */
export const openrouterCompletionsDialect: Dialect = {
  name: 'openrouter-completions',
  prefix: '/api/v1/completions',
  generatePaths: ['/api/v1/completions'],
  about: openrouterCompletionsAbout,
  readRequest({ body }) {
    const request = readCompletion(body);
    return request.delivery.kind === 'stream' ? { ...request, delivery: { ...request.delivery, usage: true } } : request;
  },
  answers: {
    writeAnswer: writeCompletion,
    streamWriter(envelope, request) {
      const writer = completionStreamWriter(envelope, request);
      const last = (fault: Parameters<typeof writer.fault>[0]) => ({ error: writeOpenrouterFault(fault, envelope.requestId) });
      return {
        write: (batch) => writer.write(batch),
        end: () => writer.end(),
        fault: (fault) => `data: ${JSON.stringify(last(fault))}\n\n`,
      };
    },
  },
  stream: openrouterDialect.stream,
  status: (fault) => openrouterDialect.status(fault),
  writeFault: (fault, requestId) => openrouterDialect.writeFault(fault, requestId),
  rateLimitHeaders: openrouterDialect.rateLimitHeaders,
  headers: (facts) => openrouterDialect.headers(facts),
};
