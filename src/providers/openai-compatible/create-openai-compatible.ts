import type { Provider } from '../../model/ports.ts';
import { openaiChat } from '../../protocols/openai-chat/openai-chat.ts';
import { createHttpHost } from '../http-host/create-http-host.ts';
import { bearer, type HostProtocol } from '../http-host/host-protocol.ts';
import type { HttpHostOptions } from '../http-host/host-sender.ts';
import type { Quirks } from '../quirks.ts';
import { applyQuirks } from './apply-quirks.ts';

export interface OpenAiCompatibleOptions extends HttpHostOptions {
  readonly quirks: Quirks;
}

/** A provider that speaks chat completions, whoever serves them. */
export function createOpenAiCompatible({ quirks, ...options }: OpenAiCompatibleOptions): Provider {
  return createHttpHost(options, chatHost(quirks));
}

function chatHost(quirks: Quirks): HostProtocol {
  const { client } = openaiChat;
  return {
    client,
    streams: quirks.streams,
    inlineThink: quirks.inlineThink,
    headers: {},
    authorize: bearer,
    write(request) {
      const written = client.writeRequest(request);
      const { body, notices } = applyQuirks(written.body, request, quirks);
      return { path: '/chat/completions', body, notices: [...written.notices, ...notices] };
    },
    isLast: ({ data }) => data.trim() === '[DONE]',
  };
}
