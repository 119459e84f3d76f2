import type fc from 'fast-check';
import type { Dialect } from '../../src/dialects/dialect.ts';
import { aiGatewayDialect } from '../../src/dialects/ai-gateway/ai-gateway-dialect.ts';
import { anthropicMessagesDialect } from '../../src/dialects/anthropic-messages/anthropic-messages-dialect.ts';
import { openaiChatDialect } from '../../src/dialects/openai-chat/openai-chat-dialect.ts';
import { openaiCompletionsDialect } from '../../src/dialects/openai-completions/openai-completions-dialect.ts';
import { openaiEmbeddingsDialect } from '../../src/dialects/openai-embeddings/openai-embeddings-dialect.ts';
import { openaiResponsesDialect } from '../../src/dialects/openai-responses/openai-responses-dialect.ts';
import { openrouterCompletionsDialect } from '../../src/dialects/openrouter/openrouter-completions-dialect.ts';
import { openrouterDialect } from '../../src/dialects/openrouter/openrouter-dialect.ts';
import { segmindDialect } from '../../src/dialects/segmind/segmind-dialect.ts';
import type { Json, JsonObject } from '../../src/model/json.ts';
import { embeddingDefinitions } from '../../src/protocols/openai-embeddings/schema.ts';
import { chatRequest } from '../support/arbitraries/chat-wire.ts';
import { gatewayCall } from '../support/arbitraries/gateway-wire.ts';
import { messagesRequest } from '../support/arbitraries/messages-wire.ts';
import { responsesRequest } from '../support/arbitraries/responses-wire.ts';

/** A reader of requests, the schema that is told of it, and where the two differ because no schema can say it. */
export interface Agreement {
  readonly name: string;
  readonly definitions: Readonly<Record<string, JsonObject>>;
  readonly request: string;
  readonly read: (body: Json) => unknown;
  /** Bodies that the reader's own tests are made of. */
  readonly known?: fc.Arbitrary<JsonObject>;
  /** Begins of refusals of rules between fields that the descriptions tell and no schema can say. */
  readonly beyond: readonly RegExp[];
  /** True for a wrong place that the reader does not look at in this body, or tells by the path of another field. */
  readonly isElsewhere: (path: string, body: JsonObject, param: string | undefined) => boolean;
}

function ofDialect(
  dialect: Dialect,
  own: Partial<Omit<Agreement, 'name' | 'definitions' | 'request' | 'read'>> & {
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Agreement {
  const { about, name } = dialect;
  if (about === undefined) throw new Error(`${name} has no schemas`);
  const { headers = {}, ...rest } = own;
  const { definitions, request } = about.schemas;
  const read = (body: Json) => dialect.readRequest({ body, parameters: { model: 'm' }, headers });
  return { name, definitions, request, read, beyond: [], isElsewhere: () => false, ...rest };
}

/** Two ways to say one thing that say different things, and a result of a function that nobody called. */
const chatBeyond = [/say one of them/, /function_call of an assistant message/];

function isElsewhereInChat(path: string, _: JsonObject, param: string | undefined): boolean {
  return areBoth(/\.file_(?:data|id)$/, path, param);
}

/** Of several fields of which one is needed, any is named. */
function areBoth(place: RegExp, path: string, param: string | undefined): boolean {
  return place.test(path) && place.test(param ?? '');
}

const completions: Partial<Agreement> = {
  beyond: [/^best_of /],
  // The first entry decides what the others must be.
  isElsewhere: (path, _, param) => areBoth(/^prompt/, path, param),
};

const messages: Partial<Agreement> = {
  known: messagesRequest,
  beyond: [
    /is a tool call without a result/,
    /names (?:no tool call|a tool call that has its result)/,
    /is the id of an earlier tool call/,
    /cache marks; a request may have up to/,
    /max_tokens must be greater/,
  ],
  isElsewhere: (path, body, param) =>
    // A mark is right or wrong as a whole.
    (param?.endsWith('.cache_control') === true && path.startsWith(param)) ||
    areBoth(/^output_(?:format|config)/, path, param) ||
    // A document of other blocks than text is kept whole, unread.
    (path.includes('.cache_control') && JSON.stringify(body).includes('"type":"content"')),
};

export const agreements: readonly Agreement[] = [
  ofDialect(openaiChatDialect, { known: chatRequest, beyond: chatBeyond, isElsewhere: isElsewhereInChat }),
  ofDialect(openrouterDialect, {
    known: chatRequest,
    beyond: [...chatBeyond, /dollars from 0/],
    isElsewhere: (path, body, param) => isElsewhereInChat(path, body, param) || areBoth(/^models?\b/, path, param),
  }),
  ofDialect(segmindDialect(), {
    beyond: [...chatBeyond, /^image .* message of the role "user"/],
    isElsewhere: isElsewhereInChat,
  }),
  ofDialect(aiGatewayDialect(4), {
    headers: { 'ai-language-model-id': 'm' },
    known: gatewayCall,
    // A file in the store of another vendor is kept whole, unread.
    isElsewhere: (path) => path.endsWith('.filename'),
  }),
  ofDialect(anthropicMessagesDialect, messages),
  {
    ...ofDialect(anthropicMessagesDialect, messages),
    name: 'anthropic-messages (count_tokens)',
    request: 'MessageCountRequest',
    read: (body) => anthropicMessagesDialect.counting?.readRequest({ body, parameters: {}, headers: {} }),
  },
  ofDialect(openaiResponsesDialect, {
    // Options around the model are carried by the codec, whatever they are, and read by the dialect.
    known: responsesRequest.map(({ metadata: _, ...body }) => body),
    beyond: [
      ...chatBeyond,
      // What is kept elsewhere is not looked for by the reader of the body alone.
      /^input is (?:missing|null|an empty array)/,
      /previous_response_id and conversation are both set/,
      /must be the call_id of a function_call item/,
    ],
    isElsewhere: (path, _, param) =>
      areBoth(/\.(?:image_url|file_id|file_url|file_data)$/, path, param) ||
      // A thought with pieces of another form is kept whole, unread.
      /^input\[\d+\]\.(?:id|encrypted_content)$/.test(path),
  }),
  ofDialect(openaiCompletionsDialect, completions),
  ofDialect(openrouterCompletionsDialect, completions),
  {
    name: 'openai-embeddings',
    definitions: embeddingDefinitions,
    request: 'EmbeddingRequest',
    read: openaiEmbeddingsDialect.readRequest,
    beyond: [],
    isElsewhere: (path, _, param) => areBoth(/^input/, path, param),
  },
];
