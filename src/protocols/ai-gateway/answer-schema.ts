import {
  anyOf,
  anything,
  exactly,
  listOf,
  nullable,
  objectOf,
  otherThan,
  recordOf,
  ref,
  said,
  text,
  wholeFrom,
  wordOf,
} from '../../model/json-schema.ts';
import { isJsonObject, type JsonObject } from '../../model/json.ts';
import { count } from '../openai-chat/shared-schema.ts';
import type { Specification } from './specification.ts';

const metadata = {
  providerMetadata: said('Facts by vendor. Send them back as providerOptions.', { type: 'object', additionalProperties: true }),
};

function part(type: string, fields: JsonObject, more: JsonObject = {}): JsonObject {
  return objectOf({ type: exactly(type), ...fields, ...more, ...metadata }, ['type', ...Object.keys(fields)]);
}

const serverRun = { providerExecuted: { const: true }, dynamic: { const: true } };
const finish = {
  finishReason: recordOf({
    unified: wordOf('stop', 'length', 'content-filter', 'tool-calls', 'error', 'other'),
    raw: said('The word of the host.', text),
  }),
  usage: ref('GatewayUsage'),
};
const response = objectOf(
  {
    id: said('Id of the answer; `GET /v1/generation?id=` tells more about it.', text),
    timestamp: { ...text, format: 'date-time' },
    modelId: said('The model that answered.', text),
    provider: said('The host that answered.', text),
  },
  ['id', 'timestamp', 'modelId'],
);

/** The same in both versions. */
export const answerDefinitions: Readonly<Record<string, JsonObject>> = {
  GatewayUsage: objectOf(
    {
      inputTokens: objectOf({ total: count, noCache: count, cacheRead: count, cacheWrite: count }),
      outputTokens: objectOf({ total: count, text: count, reasoning: count }),
      raw: ref('ChatUsage'),
    },
    ['inputTokens', 'outputTokens'],
  ),
  GatewayWarning: said(
    'What was done to the request or could not be said of the answer.',
    anyOf(
      recordOf({ type: wordOf('unsupported', 'compatibility'), feature: text, details: text, code: text, path: text }),
      recordOf({ type: exactly('other'), message: text, code: text, path: text }),
    ),
  ),
  GatewayError: recordOf({ error: ref('GatewayErrorDetails') }),
  GatewayErrorDetails: objectOf(
    {
      message: said('What was wrong, where, and what would be right.', text),
      type: wordOf(
        'authentication_error',
        'failed_dependency',
        'forbidden',
        'insufficient_funds',
        'internal_server_error',
        'invalid_request_error',
        'model_not_found',
        'not_found',
        'rate_limit_exceeded',
      ),
      param: nullable(said('The field that was wrong, by its name in the AI SDK.', text)),
      code: text,
      request_id: text,
      upstream: objectOf({ status: wholeFrom(0), provider: text, body: anything }),
    },
    ['message', 'type', 'param', 'code', 'request_id'],
  ),
};

/** What differs between the versions: files and citations. */
export function versionDefinitions(version: Specification): Readonly<Record<string, JsonObject>> {
  const named = (name: string): string => `GatewayV${version}${name}`;
  const bytes = said('Base64.', text);
  const data =
    version === 3
      ? bytes
      : anyOf(text, recordOf({ type: exactly('data'), data: bytes }), recordOf({ type: exactly('url'), url: text }));
  const source = part('source', { sourceType: exactly('url'), id: text, url: text }, { title: text });
  const citations =
    version === 3
      ? {}
      : {
          citations: said(
            'Where in the text each source is cited.',
            listOf(recordOf({ source: ref(named('Source')), startIndex: count, endIndex: count })),
          ),
        };
  const call = part('tool-call', { toolCallId: text, toolName: text, input: said('JSON text.', text) }, serverRun);
  const file = part('file', { mediaType: text, data });
  const content = ['Text', 'Source', 'Reasoning', 'Call', 'File', 'Other'].map((name) => ref(named(name)));
  const id = { id: said('Id of the part.', text) };
  return {
    [named('Result')]: objectOf(
      { content: listOf({ anyOf: content }), ...finish, warnings: listOf(ref('GatewayWarning')), ...metadata, response },
      ['content', 'finishReason', 'usage', 'warnings', 'providerMetadata', 'response'],
    ),
    [named('Text')]: part('text', { text }, citations),
    [named('Source')]: source,
    [named('Reasoning')]: part('reasoning', { text }),
    [named('Call')]: call,
    [named('File')]: file,
    [named('Other')]: {
      ...objectOf({ type: otherThan('text', 'source', 'reasoning', 'tool-call', 'file') }, ['type']),
      additionalProperties: true,
    },
    [named('StreamPart')]: {
      ...said('The JSON of one `data:` line. After the last comes `data: [DONE]`; after an error comes nothing.', {}),
      anyOf: [
        recordOf({ type: exactly('stream-start'), warnings: listOf(ref('GatewayWarning')) }),
        objectOf({ type: exactly('response-metadata'), ...propertiesOf(response) }, ['type', 'id', 'timestamp', 'modelId']),
        part('text-start', id),
        part('text-delta', { ...id, delta: text }),
        part('text-end', id, citations),
        part('reasoning-start', id),
        part('reasoning-delta', { ...id, delta: text }),
        part('reasoning-end', id),
        part('tool-input-start', { ...id, toolName: text }, serverRun),
        part('tool-input-delta', { ...id, delta: text }),
        part('tool-input-end', id),
        ref(named('Call')),
        ref(named('Source')),
        ref(named('File')),
        objectOf({ type: exactly('finish'), ...finish, ...metadata }, ['type', 'finishReason', 'usage', 'providerMetadata']),
        recordOf({ type: exactly('error'), error: ref('GatewayErrorDetails') }),
      ],
    },
  };
}

function propertiesOf({ properties }: JsonObject): JsonObject {
  return isJsonObject(properties) ? properties : {};
}
