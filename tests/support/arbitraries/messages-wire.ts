import fc from 'fast-check';
import { isJsonObject } from '../../../src/model/json.ts';
import type { Json, JsonObject } from '../../../src/model/json.ts';
import { json, jsonObject, optional, text, word } from './basics.ts';
import { base64 } from './parts.ts';

/*
 * Bodies of `POST /v1/messages` in normal form: as writeRequest would say them. Unknown keys stand at every level that may carry them. Tool
 * calls have their results in the message after them, because Anthropic refuses other conversations.
 */

/** Fields under keys that the reader does not know; null and `__proto__` are among them. */
const unknown: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  fc.tuple(fc.stringMatching(/^x_[a-z]{1,4}$/), json).map(([key, value]) => ({ [key]: value })),
  json.map((value): JsonObject => Object.fromEntries([['__proto__', value]])),
);

function object(
  required: Record<string, fc.Arbitrary<Json>>,
  extras: Record<string, fc.Arbitrary<Json>> = {},
): fc.Arbitrary<JsonObject> {
  return fc
    .tuple(fc.record(required, { noNullPrototype: true }), optional<Record<string, Json>>(extras), unknown)
    .map(([one, two, three]): JsonObject => ({ ...three, ...one, ...defined(two) }));
}

function defined(fields: Partial<Record<string, Json>>): JsonObject {
  const kept: Record<string, Json> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) kept[key] = value;
  return kept;
}

const wellFormed = text.map((value) => value.toWellFormed());
const webCitation = object({
  type: fc.constant('web_search_result_location'),
  url: fc.webUrl(),
  title: fc.oneof(text, fc.constant(null)),
  cited_text: fc.string(),
  encrypted_index: word,
});
const pageCitation = object({ type: fc.constant('page_location'), cited_text: text, document_index: fc.nat() });

const textBlock = object(
  { type: fc.constant('text'), text },
  { citations: fc.oneof(fc.array(webCitation, { minLength: 1, maxLength: 2 }), fc.tuple(webCitation, pageCitation)) },
);
const bytesOf = (types: readonly string[]): fc.Arbitrary<JsonObject> =>
  object({ type: fc.constant('base64'), media_type: fc.constantFrom(...types), data: base64 });
const address = object({ type: fc.constant('url'), url: fc.webUrl() });
const stored = object({ type: fc.constant('file'), file_id: word });
const image = object({
  type: fc.constant('image'),
  source: fc.oneof(bytesOf(['image/png', 'image/webp']), address, stored),
});
const document = object(
  {
    type: fc.constant('document'),
    source: fc.oneof(
      bytesOf(['application/pdf']),
      address,
      stored,
      object({ type: fc.constant('text'), media_type: fc.constant('text/plain'), data: wellFormed }),
      object({ type: fc.constant('content'), content: wellFormed }),
      object({
        type: fc.constant('content'),
        content: fc.array(object({ type: fc.constant('text'), text: wellFormed }), { minLength: 1, maxLength: 2 }),
      }),
      object({ type: fc.constant('content'), content: fc.array(image, { minLength: 1, maxLength: 1 }) }),
    ),
  },
  { title: text, context: text, citations: fc.constant({ enabled: true }) },
);
const unknownBlock = fc.oneof(
  object({ type: fc.constantFrom('search_result', 'container_upload', 'x_block'), value: json }),
  object({ type: fc.constant('server_tool_use'), id: word, name: fc.constant('web_search'), input: jsonObject }),
  object({ type: fc.constant('web_search_tool_result'), tool_use_id: word, content: json }),
);
const thought = fc.oneof(
  object({ type: fc.constant('thinking'), thinking: fc.string(), signature: word }),
  object({ type: fc.constant('thinking'), thinking: text, signature: fc.constant('') }),
  object({ type: fc.constant('redacted_thinking'), data: word }),
);

/** One plain text is a string in normal form. */
function contentOf(blocks: readonly Json[]): Json {
  const first = blocks[0];
  const isPlain = blocks.length === 1 && isJsonObject(first) && Object.keys(first).length === 2;
  return isPlain && typeof first['text'] === 'string' ? first['text'] : blocks;
}

function content(block: fc.Arbitrary<Json>, maxLength = 3): fc.Arbitrary<Json> {
  return fc.oneof(fc.string(), fc.array(block, { minLength: 1, maxLength }).map(contentOf));
}

const userBlock = fc.oneof(textBlock, image, document, unknownBlock);
const said = fc.oneof(
  object({ role: fc.constant('user'), content: content(userBlock) }),
  object({ role: fc.constant('assistant'), content: content(fc.oneof(thought, textBlock, unknownBlock)) }),
);
const laterSystem = object({ role: fc.constant('system'), content: text });

const resultBody = optional<JsonObject>({
  content: content(fc.oneof(textBlock, image, document, unknownBlock), 2),
  is_error: fc.boolean(),
});

/** An assistant who calls, and the user's results after it, with what else the user says. The ids are filled in later. */
const exchange = fc
  .tuple(
    fc.array(fc.oneof(thought, textBlock), { maxLength: 2 }),
    fc.array(fc.tuple(object({ name: word, input: jsonObject }), resultBody), { minLength: 1, maxLength: 3 }),
    fc.array(userBlock, { maxLength: 2 }),
    unknown,
  )
  .map(([before, calls, after, extras]) => (taken: () => string): readonly JsonObject[] => {
    const ids = calls.map(taken);
    return [
      {
        role: 'assistant',
        content: [...before, ...calls.map(([call], at): Json => ({ type: 'tool_use', id: ids[at] ?? '', ...call }))],
      },
      {
        ...extras,
        role: 'user',
        content: [
          ...calls.map(([, result], at): Json => ({
            type: 'tool_result',
            tool_use_id: ids[at] ?? '',
            ...withoutEmpty(defined({ ...result })),
          })),
          ...after,
        ],
      },
    ];
  });

/** No content and an empty string are the same. */
function withoutEmpty(result: JsonObject): JsonObject {
  const { content: said_, ...rest } = result;
  return said_ === '' || said_ === undefined ? rest : { ...rest, content: said_ };
}

const messages: fc.Arbitrary<Json> = fc
  .tuple(
    said,
    fc.array(
      fc.oneof(
        said.map((one) => (): readonly JsonObject[] => [one]),
        laterSystem.map((one) => () => [one]),
        exchange,
      ),
      { maxLength: 3 },
    ),
  )
  .map(([first, rest]) => {
    let calls = 0;
    return [first, ...rest.flatMap((make) => make(() => `toolu_${calls++}`))];
  });

const tool = object(
  { name: word, input_schema: jsonObject },
  {
    description: text,
    strict: fc.boolean(),
    eager_input_streaming: fc.constant(true),
    cache_control: fc.constant({ type: 'ephemeral' }),
  },
);
const ownTool = fc.oneof(
  object({ type: fc.constant('bash_20250124'), name: fc.constant('bash') }),
  object({ type: fc.constant('web_search_20260318'), name: fc.constant('web_search') }, { max_uses: fc.constant(3) }),
);

const choice = fc.oneof(
  object({ type: fc.constantFrom('auto', 'any') }, { disable_parallel_tool_use: fc.boolean() }),
  object({ type: fc.constant('tool'), name: word }, { disable_parallel_tool_use: fc.boolean() }),
  object({ type: fc.constant('none') }),
);

const thinking = fc.oneof(
  object({ type: fc.constantFrom('disabled', 'adaptive', 'between_tools') }, { display: fc.constant('omitted') }),
  object({ type: fc.constant('enabled'), budget_tokens: fc.integer({ min: 1, max: 999 }) }),
);

const marked = {
  cache_control: fc.constantFrom<Json[]>(
    { type: 'ephemeral' },
    { type: 'ephemeral', ttl: '5m' },
    { type: 'ephemeral', ttl: '1h' },
  ),
};

export const messagesRequest: fc.Arbitrary<JsonObject> = object(
  { model: word, max_tokens: fc.integer({ min: 1000, max: 100_000 }), messages },
  {
    system: fc.oneof(
      text,
      fc.tuple(object({ type: fc.constant('text'), text }, marked), object({ type: fc.constant('text'), text }, marked)),
    ),
    temperature: fc.constantFrom(0, 0.7, 1),
    top_p: fc.constantFrom(0, 1),
    top_k: fc.nat({ max: 100 }),
    stop_sequences: fc.array(fc.string(), { maxLength: 4 }),
    tools: fc.array(fc.oneof(tool, ownTool), { minLength: 1, maxLength: 2 }),
    tool_choice: choice,
    thinking,
    output_config: object(
      {},
      {
        effort: fc.constantFrom('low', 'xhigh', 'max'),
        format: object({ type: fc.constant('json_schema'), schema: jsonObject }),
      },
    ).filter((config) => Object.keys(config).length > 0),
    metadata: object({}, { user_id: word }),
    service_tier: fc.constantFrom('auto', 'standard_only'),
    container: word,
    mcp_servers: fc.array(jsonObject, { maxLength: 1 }),
    stream: fc.boolean(),
  },
);
