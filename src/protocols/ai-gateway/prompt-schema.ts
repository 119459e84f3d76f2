import {
  anyOf,
  anything,
  exactly,
  flag,
  listOf,
  nullable,
  objectOf,
  option,
  otherThan,
  recordOf,
  ref,
  said,
  text,
  wordOf,
} from '../../model/json-schema.ts';
import type { JsonObject } from '../../model/json.ts';
import { mediaUrl } from '../openai-chat/message-schema.ts';

const options = { providerOptions: said("Vendors' own options, by vendor; the metadata of an answer go back here.", anything) };
const inline = said('An address, a data: URL or base64 text.', mediaUrl);
const filename = { filename: option('Its name, for the model.', text) };
const callId = said('Id of the call.', text);

function part(type: string, fields: JsonObject, more: JsonObject = {}): JsonObject {
  return objectOf({ type: exactly(type), ...fields, ...more, ...options }, ['type', ...Object.keys(fields)]);
}

const parts: Readonly<Record<string, JsonObject>> = {
  GatewayText: part('text', { text }),
  GatewayFile: part(
    'file',
    { mediaType: said('Such as image/png, or image/* for any of its kind.', text), data: ref('GatewayFileData') },
    filename,
  ),
  GatewayReasoning: said('A thought of an earlier answer, as it came.', part('reasoning', { text })),
  GatewayToolCall: part(
    'tool-call',
    { toolCallId: callId, toolName: text, input: said('The arguments; as a string those that are no JSON.', anything) },
    { providerExecuted: option('A server ran it.', flag) },
  ),
  GatewayToolResult: part('tool-result', { toolCallId: callId, output: ref('GatewayToolOutput') }, { toolName: nullable(text) }),
  GatewayOtherPart: said(
    'A kind that flashmux has no word for. It goes to gateways as it is, and is announced as dropped elsewhere.',
    objectOf({ type: otherThan('text', 'file', 'reasoning', 'tool-call', 'tool-result') }, ['type']),
  ),
};

function listOfParts(...names: readonly string[]): JsonObject {
  return listOf({ anyOf: names.map((name) => ref(name)) });
}

function message(role: string, content: JsonObject): JsonObject {
  return objectOf({ role: exactly(role), content, ...options }, ['role', 'content']);
}

/** Before specification 4 a file in the result of a tool was one of six kinds. */
const olderFile = (types: readonly string[], key: string): JsonObject =>
  objectOf({ type: wordOf(...types), [key]: inline, mediaType: anything, ...filename, ...options }, ['type', key]);

export const promptDefinitions: Readonly<Record<string, JsonObject>> = {
  GatewayMessage: {
    oneOf: [
      message('system', text),
      message('user', anyOf(text, listOfParts('GatewayText', 'GatewayFile', 'GatewayOtherPart'))),
      message('assistant', anyOf(text, listOfParts(...Object.keys(parts)))),
      message('tool', listOfParts('GatewayToolResult', 'GatewayOtherPart')),
    ],
  },
  ...parts,
  GatewayFileData: anyOf(
    said('The form of specification 3.', inline),
    recordOf({ type: exactly('data'), data: inline }),
    recordOf({ type: exactly('url'), url: inline }),
    recordOf({ type: exactly('text'), text }),
    recordOf({ type: exactly('reference'), reference: said('Ids of the file, by vendor.', { type: 'object' }) }),
  ),
  GatewayToolOutput: {
    oneOf: [
      objectOf({ type: wordOf('text', 'error-text'), value: text }, ['type', 'value']),
      objectOf({ type: wordOf('json', 'error-json'), value: anything }, ['type', 'value']),
      objectOf({ type: exactly('execution-denied'), reason: nullable(text) }, ['type']),
      objectOf({ type: exactly('content'), value: listOf(ref('GatewayToolContent')) }, ['type', 'value']),
    ],
  },
  GatewayToolContent: anyOf(
    ref('GatewayText'),
    ref('GatewayFile'),
    olderFile(['file-data', 'image-data', 'media'], 'data'),
    olderFile(['file-url', 'image-url'], 'url'),
    objectOf({ type: otherThan('text', 'file', 'file-data', 'image-data', 'media', 'file-url', 'image-url') }, ['type']),
  ),
};
