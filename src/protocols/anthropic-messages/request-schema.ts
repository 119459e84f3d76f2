import {
  anyOf,
  anything,
  exactly,
  flag,
  listOf,
  nothing,
  nullable,
  numberFrom,
  objectOf,
  option,
  otherThan,
  recordOf,
  ref,
  said,
  text,
  wholeFrom,
  wordOf,
} from '../../model/json-schema.ts';
import type { JsonObject } from '../../model/json.ts';

const base64: JsonObject = { ...text, pattern: '^[A-Za-z0-9+/_-]+={0,2}$' };
const address: JsonObject = said('An address or a data: URL.', { ...text, pattern: '^[A-Za-z][A-Za-z0-9+.-]{0,30}:' });
const file = recordOf({ type: exactly('file'), file_id: said('Id of a file that the host keeps.', text) });
const url = recordOf({ type: exactly('url'), url: address });

const marked = {
  cache_control: said(
    'Marks the end of a prefix that is worth caching. A request may have up to four marks.',
    nullable(ref('MessageCacheControl')),
  ),
};
const unmarked = { cache_control: nothing };

function block(type: string, fields: JsonObject, more: JsonObject): JsonObject {
  return objectOf({ type: exactly(type), ...fields, ...more }, ['type', ...Object.keys(fields)]);
}

const blocks: Readonly<Record<string, JsonObject>> = {
  MessageText: block('text', { text }, { citations: option('As they came.', listOf(anything)), ...marked }),
  MessageImage: block('image', { source: ref('MessageImageSource') }, marked),
  MessageDocument: block('document', { source: ref('MessageDocumentSource') }, marked),
  MessageThinking: said(
    'A thought of an earlier answer, as it came. Send it back unchanged.',
    block('thinking', { thinking: text, signature: text }, unmarked),
  ),
  MessageRedactedThinking: block('redacted_thinking', { data: text }, unmarked),
  MessageToolUse: block(
    'tool_use',
    { id: text, name: text, input: { type: 'object' } },
    { caller: option('As it came.', { type: 'object' }), ...marked },
  ),
  MessageToolResult: said(
    'The result of a call of the message before.',
    block(
      'tool_result',
      { tool_use_id: said('Id of the call.', text) },
      { content: nullable(ref('MessageResultContent')), is_error: option('Whether the tool failed.', flag), ...marked },
    ),
  ),
  MessageOtherBlock: said(
    'A kind that flashmux has no word for. It goes to hosts of this protocol as it is, and is announced as dropped elsewhere.',
    objectOf({ type: otherThan('text', 'image', 'document', 'thinking', 'redacted_thinking', 'tool_use', 'tool_result') }, [
      'type',
    ]),
  ),
};

function content(...names: readonly string[]): JsonObject {
  return anyOf(text, listOf({ anyOf: names.map((name) => ref(name)) }));
}

const thinking: JsonObject = {
  oneOf: [
    said(
      'Thinks, with so many tokens at most; fewer than max_tokens, which includes them.',
      objectOf({ type: exactly('enabled'), budget_tokens: wholeFrom(1) }, ['type', 'budget_tokens']),
    ),
    said('Thinks as much as the model finds right.', objectOf({ type: exactly('adaptive') }, ['type'])),
    said('Does not think.', objectOf({ type: exactly('disabled') }, ['type'])),
    said('Goes to hosts of this protocol as it is.', objectOf({ type: exactly('between_tools') }, ['type'])),
  ],
};
const format = objectOf({ type: exactly('json_schema'), schema: said('JSON Schema of the answer.', { type: 'object' }) }, [
  'type',
  'schema',
]);

const fields: JsonObject = {
  model: said('Id of a model. `GET /v1/models` lists them.', { ...text, minLength: 1 }),
  messages: said('The conversation so far, oldest first.', listOf(ref('MessageParam'), { minItems: 1 })),
  max_tokens: said('The most tokens of thoughts and answer together.', wholeFrom(1)),
  system: said('Instructions of whoever runs the application.', nullable(content('MessageText', 'MessageOtherBlock'))),
  temperature: option('How random the choice of each token is; 0 takes the likeliest.', numberFrom(0, 2)),
  top_p: option('Draws only from the likeliest tokens that together reach this probability.', numberFrom(0, 1)),
  top_k: option('Draws only from this many of the likeliest tokens; 0 is no limit.', wholeFrom(0)),
  stop_sequences: option('The answer ends before the first of these texts.', listOf(text)),
  tools: option('What the model may call.', listOf(ref('MessageTool'))),
  tool_choice: nullable(said('Whether and which tool the model must call.', ref('MessageToolChoice'))),
  thinking: nullable(said('Whether the model thinks before it answers.', ref('MessageThinkingWish'))),
  output_config: option(
    'The form of the answer, and how much to do for it.',
    objectOf({
      effort: option('How much the model thinks.', wordOf('low', 'medium', 'high', 'xhigh', 'max')),
      format: nullable(ref('MessageFormat')),
    }),
  ),
  output_format: {
    ...said('The name of output_config.format in 2025. Not beside it.', nullable(ref('MessageFormat'))),
    deprecated: true,
  },
  metadata: option('Goes to hosts of this protocol.', objectOf({ user_id: nullable(text) })),
  stream: option('Sends the answer as it is written, as server-sent events.', flag),
};

const formed: JsonObject = { type: 'object' };
const notBothFormats: JsonObject = {
  not: objectOf({ output_format: formed, output_config: objectOf({ format: formed }, ['format']) }, [
    'output_format',
    'output_config',
  ]),
};

const unlisted =
  'Fields that are not listed go to the host as they are where it speaks this protocol, and are announced as dropped where it does not.';

export const requestDefinitions: Readonly<Record<string, JsonObject>> = {
  MessageRequest: { ...said(unlisted, objectOf(fields, ['model', 'messages', 'max_tokens'])), allOf: [notBothFormats] },
  MessageCountRequest: {
    ...said(unlisted, objectOf({ ...fields, max_tokens: nullable(wholeFrom(1)) }, ['model', 'messages'])),
    allOf: [notBothFormats],
  },
  MessageParam: {
    oneOf: [
      objectOf(
        {
          role: exactly('user'),
          content: content('MessageText', 'MessageImage', 'MessageDocument', 'MessageToolResult', 'MessageOtherBlock'),
        },
        ['role', 'content'],
      ),
      objectOf(
        {
          role: exactly('assistant'),
          content: content('MessageText', 'MessageThinking', 'MessageRedactedThinking', 'MessageToolUse', 'MessageOtherBlock'),
        },
        ['role', 'content'],
      ),
      objectOf({ role: exactly('system'), content: content('MessageText', 'MessageOtherBlock') }, ['role', 'content']),
    ],
  },
  MessageResultContent: content('MessageText', 'MessageImage', 'MessageDocument', 'MessageOtherBlock'),
  ...blocks,
  MessageImageSource: {
    oneOf: [recordOf({ type: exactly('base64'), media_type: { ...text, pattern: '^image(?:/|$)' }, data: base64 }), url, file],
  },
  MessageDocumentSource: {
    oneOf: [
      recordOf({
        type: exactly('base64'),
        media_type: said('Such as application/pdf.', { ...text, not: { pattern: '^(?:image|audio|video)(?:/|$)' } }),
        data: base64,
      }),
      objectOf({ type: exactly('text'), media_type: nullable(exactly('text/plain')), data: text }, ['type', 'data']),
      recordOf({ type: exactly('content'), content: anyOf(text, listOf(ref('MessageDocumentBlock'))) }),
      url,
      file,
    ],
  },
  MessageDocumentBlock: anyOf(
    objectOf({ type: exactly('text'), text }, ['type', 'text']),
    said('Documents with other blocks go only to hosts of this protocol.', {
      type: 'object',
      not: { required: ['type'], properties: { type: { const: 'text' } } },
    }),
  ),
  MessageCacheControl: {
    ...objectOf({ type: exactly('ephemeral'), ttl: nullable({ ...text, pattern: '^[1-9]\\d{0,6}[smh]$' }) }, ['type']),
    additionalProperties: false,
  },
  MessageTool: anyOf(
    objectOf(
      {
        type: nullable(exactly('custom')),
        name: { ...text, pattern: '^[a-zA-Z0-9_-]{1,128}$' },
        description: option('What it does and when to call it.', text),
        input_schema: said('JSON Schema of its arguments.', { type: 'object' }),
        strict: option('Whether the arguments must keep the schema.', flag),
      },
      ['name', 'input_schema'],
    ),
    said(
      'A tool that a server runs: web_search_..., web_fetch_... and code_execution_... run here; others go to hosts of this protocol.',
      objectOf({ type: otherThan('custom') }, ['type']),
    ),
  ),
  MessageToolChoice: {
    oneOf: [
      objectOf({ type: wordOf('auto', 'any', 'none'), disable_parallel_tool_use: nullable(flag) }, ['type']),
      objectOf({ type: exactly('tool'), name: text, disable_parallel_tool_use: nullable(flag) }, ['type', 'name']),
    ],
  },
  MessageThinkingWish: thinking,
  MessageFormat: format,
};
