import { isJsonObject } from '../../model/json.ts';
import type { Provider } from '../../model/ports.ts';
import { anthropicMessages } from '../../protocols/anthropic-messages/anthropic-messages.ts';
import { createHttpHost } from '../http-host/create-http-host.ts';
import { bearer, type Counting, type HostProtocol } from '../http-host/host-protocol.ts';
import type { HttpHostOptions } from '../http-host/host-sender.ts';
import { isOfType } from '../http-host/is-of-type.ts';
import type { MessagesQuirks } from './messages-quirks.ts';
import { writeMessagesCall } from './write-messages-call.ts';

export interface AnthropicMessagesOptions extends HttpHostOptions {
  readonly quirks: MessagesQuirks;
  /**
   * The most tokens that a model may write, thoughts included, by the host's id of it. It is what is asked for where the caller
   * named no limit, because this protocol has no request without one. Absent or undefined: not known.
   */
  readonly outputLimit?: (upstreamModel: string) => number | undefined;
}

/** A provider that speaks Anthropic Messages, whoever serves them. */
export function createAnthropicMessages({ quirks, outputLimit, ...options }: AnthropicMessagesOptions): Provider {
  return createHttpHost(options, messagesHost(quirks, outputLimit ?? (() => undefined)));
}

function messagesHost(quirks: MessagesQuirks, outputLimit: (upstreamModel: string) => number | undefined): HostProtocol {
  return {
    client: anthropicMessages.client,
    streams: true,
    inlineThink: quirks.inlineThink,
    // Of the two versions the one whose bodies have all that this gateway reads and writes; every descendant knows it.
    headers: { 'anthropic-version': '2023-06-01' },
    authorize: quirks.keyHeader === 'x-api-key' ? (key) => ({ 'x-api-key': key }) : bearer,
    write: (request) => ({ path: '/messages', ...writeMessagesCall(request, quirks, outputLimit(request.model)) }),
    isLast: (frame) => isOfType(frame, lastEvents),
    ...(quirks.countsTokens ? { counting: counting(quirks, outputLimit) } : {}),
  };
}

const lastEvents: ReadonlySet<string> = new Set(['message_stop']);

/** What a count is made of; all else is refused by Anthropic's `POST /messages/count_tokens`. */
const countedFields = [
  'model',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'thinking',
  'chat_template_kwargs',
  'output_config',
];

function counting(quirks: MessagesQuirks, outputLimit: (upstreamModel: string) => number | undefined): Counting {
  return {
    write(request) {
      const { body } = writeMessagesCall(request, quirks, outputLimit(request.model));
      const counted = Object.entries(body).filter(([field]) => countedFields.includes(field));
      return { path: '/messages/count_tokens', body: Object.fromEntries(counted) };
    },
    read: (body) => (isJsonObject(body) && typeof body['input_tokens'] === 'number' ? body['input_tokens'] : undefined),
  };
}
