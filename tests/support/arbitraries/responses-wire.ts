import fc from 'fast-check';
import type { Json, JsonObject } from '../../../src/model/json.ts';
import { json, jsonObject, optional, text, word } from './basics.ts';
import { argumentsText, base64 } from './parts.ts';

/*
 * Bodies of `POST /responses` in normal form: as writeRequest would say them. Unknown keys stand at every level that may carry them.
 */

/** Fields under keys that the reader does not know; null and `__proto__` are among them. */
const unknown: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  fc.tuple(fc.stringMatching(/^x_[a-z]{1,4}$/), json).map(([key, value]) => ({ [key]: value })),
  json.map((value): JsonObject => Object.fromEntries([['__proto__', value]])),
);

type Fields = Record<string, fc.Arbitrary<Json>>;

function object(required: Fields, extras: Fields = {}, more = unknown): fc.Arbitrary<JsonObject> {
  return fc
    .tuple(fc.record(required, { noNullPrototype: true }), optional<Record<string, Json>>(extras), more)
    .map(([one, two, three]): JsonObject => ({ ...three, ...one, ...defined(two) }));
}

function defined(fields: Partial<Record<string, Json>>): JsonObject {
  const kept: Record<string, Json> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) kept[key] = value;
  return kept;
}

const type = (name: string): Fields => ({ type: fc.constant(name) });
const mark = {
  prompt_cache_breakpoint: fc.constantFrom<Json[]>(
    { mode: 'explicit' },
    { mode: 'explicit', ttl: '30m' },
    { mode: 'explicit', ttl: '12h' },
    { mode: 'explicit', ttl: '1s' },
    { mode: 'x', a: 1 },
  ),
};
const wishes = { ...mark, fps: fc.constantFrom(0.1, 2), min_pixels: fc.nat().map((n) => n + 1), total_pixels: fc.constant(9) };
const detail = { detail: fc.constantFrom('low', 'auto', 'original') };
const address = fc.oneof(
  fc.webUrl(),
  base64.map((bytes) => `data:image/png;base64,${bytes}`),
  fc.constant('oss://bucket/key'),
);

const textPart = object({ ...type('input_text'), text }, mark);
const imagePart = fc.oneof(
  object({ ...type('input_image'), image_url: address }, { ...wishes, ...detail }),
  object({ ...type('input_image'), file_id: word }, { ...wishes, ...detail }),
);
const filePart = fc.oneof(
  object({ ...type('input_file'), file_id: word }, { ...mark, ...detail, filename: word }),
  object({ ...type('input_file'), file_url: fc.webUrl() }, { ...mark, filename: word }),
  object(
    { ...type('input_file'), file_data: base64.map((bytes) => `data:application/pdf;base64,${bytes}`) },
    { filename: word, ...detail },
  ),
);
const soundPart = object({
  ...type('input_audio'),
  input_audio: object({ data: fc.oneof(base64, fc.webUrl()), format: fc.constantFrom('wav', 'mp3') }),
});
const videoPart = object({ ...type('input_video'), video_url: address }, wishes);
const unknownPart = object({ ...type('x_block'), value: json });

/** More than one part, because one plain text is a string in normal form. */
function parts(part: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  return fc.array(part, { minLength: 2, maxLength: 3 });
}

const userPart = fc.oneof(textPart, imagePart, filePart, soundPart, videoPart, unknownPart);

const token: Fields = {
  token: text,
  logprob: fc.constantFrom(-0.5, -9999),
  bytes: fc.array(fc.nat({ max: 255 }), { maxLength: 2 }),
};
const plain = fc.constant<JsonObject>({});
const logprob = object({ ...token, top_logprobs: fc.array(object(token, {}, plain), { maxLength: 1 }) }, {}, plain);
const citation = object({
  ...type('url_citation'),
  url: fc.webUrl(),
  title: text,
  start_index: fc.nat({ max: 5 }),
  end_index: fc.integer({ min: 5, max: 9 }),
});
const fileCitation = object({ ...type('file_citation'), file_id: word, index: fc.nat() });
/** Citations of pages come first in normal form. */
const annotations = fc
  .tuple(fc.array(citation, { maxLength: 2 }), fc.array(fileCitation, { maxLength: 1 }))
  .map((lists): Json => lists.flat())
  .filter((list) => Array.isArray(list) && list.length > 0);

const spokenPart = fc.oneof(
  object({ ...type('output_text'), text }, { annotations, logprobs: fc.array(logprob, { minLength: 1, maxLength: 2 }) }),
  object({ ...type('refusal'), refusal: text }),
  unknownPart,
);

/** Ids differ from one item to the next, so that no two messages are one. */
const id = fc.uuid().map((value): Json => `item_${value}`);
const item = { id, status: fc.constantFrom('incomplete', 'in_progress') };

const heard = fc.oneof(
  object({ ...type('message'), role: fc.constant('user'), content: fc.oneof(fc.string(), parts(userPart)) }, item),
  object({ ...type('message'), role: fc.constantFrom('system', 'developer'), content: parts(textPart) }, item),
  object({ ...type('computer_call_output'), call_id: word, output: json }),
);

const spoken = fc.oneof(
  object(
    { ...type('message'), role: fc.constant('assistant'), content: fc.array(spokenPart, { minLength: 1, maxLength: 2 }), id },
    { status: item.status, phase: fc.constantFrom('commentary', 'final_answer') },
  ),
  object(
    {
      ...type('reasoning'),
      id,
      summary: fc.array(
        text.map((said): Json => ({ type: 'summary_text', text: said })),
        { maxLength: 2 },
      ),
    },
    { encrypted_content: text },
  ),
  object(
    { ...type('reasoning'), id, summary: fc.constant([]) },
    {
      content: fc.array(
        text.map((said): Json => ({ type: 'reasoning_text', text: said })),
        { minLength: 1, maxLength: 2 },
      ),
    },
  ),
  object({ ...type('item_reference'), id }),
  object({ ...type('custom_tool_call'), call_id: word, name: word, input: text }, { id }),
  object({ ...type('web_search_call'), id, action: jsonObject }),
);

/** A call and its result, with something between them. */
const called = fc
  .tuple(
    fc.uuid(),
    object({ ...type('function_call'), name: word, arguments: argumentsText }, { id, namespace: word, status: item.status }),
    fc.array(spoken, { maxLength: 1 }),
    object(
      { ...type('function_call_output'), output: fc.oneof(fc.string(), parts(fc.oneof(textPart, imagePart, filePart))) },
      { id },
    ),
  )
  .map(([callId, call, between, output]): readonly JsonObject[] => [
    { ...call, call_id: callId },
    ...between,
    { ...output, call_id: callId },
  ]);

const items = fc
  .array(
    fc.oneof(
      heard.map((one) => [one]),
      spoken.map((one) => [one]),
      called,
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((lists): readonly JsonObject[] => lists.flat())
  .filter((list) => !isPlainInput(list));

/** A lone plain word of the user is a string in normal form. */
function isPlainInput(list: readonly JsonObject[]): boolean {
  const [only] = list;
  return list.length === 1 && only?.['role'] === 'user' && typeof only['content'] === 'string' && Object.keys(only).length === 3;
}

const tool = fc.oneof(
  object({ ...type('function'), name: word }, { description: text, parameters: jsonObject, strict: fc.boolean() }),
  object({ ...type('web_search'), search_context_size: fc.constantFrom('low', 'high') }),
  object({ ...type('mcp'), server_label: word, server_url: fc.webUrl() }),
  object({ ...type('custom'), name: word }),
);

const format = fc.oneof(
  object(type('text')),
  object(type('json_object')),
  object({ ...type('json_schema'), name: word }, { schema: jsonObject, strict: fc.boolean(), description: text }),
);

const positive = fc.integer({ min: 1, max: 100_000 });
const include = fc.uniqueArray(fc.constantFrom<Json[]>('reasoning.encrypted_content', 'code_interpreter_call.outputs'), {
  minLength: 1,
});

const options: Fields = {
  instructions: text,
  temperature: fc.constantFrom(0, 0.7, 2),
  top_p: fc.constantFrom(0, 1),
  top_k: fc.nat({ max: 100 }),
  seed: fc.nat(),
  stop: fc.array(fc.string(), { maxLength: 4 }),
  max_output_tokens: positive,
  max_tool_calls: positive,
  top_logprobs: fc.integer({ min: 0, max: 20 }),
  include: fc.oneof(
    include,
    include.map((list): Json => [...list, 'message.output_text.logprobs']),
  ),
  tools: fc.array(tool, { minLength: 1, maxLength: 3 }),
  tool_choice: fc.constantFrom<Json[]>(
    'auto',
    'none',
    'required',
    { type: 'function', name: 'f' },
    { type: 'web_search' },
    { type: 'allowed_tools', mode: 'auto', tools: [] },
  ),
  parallel_tool_calls: fc.boolean(),
  text: fc.oneof(object({ format }), object({ verbosity: fc.constantFrom('low', 'high') }), object({ format, verbosity: text })),
  reasoning: object(
    { effort: fc.constantFrom('none', 'low', 'max') },
    { summary: fc.constantFrom('auto', 'detailed'), max_tokens: positive, enabled: fc.boolean() },
  ),
  tool_image_search: fc.constant(false),
  disable_formatting: fc.boolean(),
  metadata: jsonObject,
  store: fc.boolean(),
  previous_response_id: word,
  truncation: fc.constantFrom('auto', 'disabled'),
  background: fc.boolean(),
  user: word,
  safety_identifier: word,
  prompt_cache_key: word,
  service_tier: fc.constantFrom('auto', 'flex'),
};

export const responsesRequest: fc.Arbitrary<JsonObject> = fc
  .tuple(
    object({ model: word, input: fc.oneof(fc.string(), items) }, options),
    fc.oneof(
      plain,
      fc.constant({ stream: false }),
      object({ stream: fc.constant(true) }, { stream_options: object({ include_obfuscation: fc.boolean() }) }),
    ),
  )
  .map(([body, delivery]): JsonObject => ({ ...body, ...delivery }));
