import type { Provider } from '../../model/ports.ts';
import { openaiResponses } from '../../protocols/openai-responses/openai-responses.ts';
import { createHttpHost } from '../http-host/create-http-host.ts';
import { bearer, type HostProtocol } from '../http-host/host-protocol.ts';
import type { HttpHostOptions } from '../http-host/host-sender.ts';
import { isOfType } from '../http-host/is-of-type.ts';
import type { ResponsesQuirks } from './responses-quirks.ts';
import { writeResponsesCall } from './write-responses-call.ts';

export interface OpenAiResponsesOptions extends HttpHostOptions {
  readonly quirks: ResponsesQuirks;
}

/** A provider that speaks Responses, whoever serves them. */
export function createOpenAiResponses({ quirks, ...options }: OpenAiResponsesOptions): Provider {
  return createHttpHost(options, responsesHost(quirks));
}

function responsesHost(quirks: ResponsesQuirks): HostProtocol {
  return {
    client: openaiResponses.client,
    streams: true,
    inlineThink: quirks.inlineThink,
    headers: {},
    authorize: bearer,
    write: (request) => ({ path: '/responses', ...writeResponsesCall(request, quirks) }),
    isLast: (frame) => isOfType(frame, lastEvents) || frame.data.trim() === '[DONE]',
  };
}

const lastEvents: ReadonlySet<string> = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
  'response.cancelled',
]);
