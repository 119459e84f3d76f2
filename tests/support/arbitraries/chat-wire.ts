import fc from 'fast-check';
import type { Json, JsonObject } from '../../../src/model/json.ts';
import { json, jsonObject, optional, text, word } from './basics.ts';
import { argumentsText, base64 } from './parts.ts';

/*
 * Bodies of `POST /chat/completions` in normal form: as writeRequest would say them. Unknown keys stand at every level that may carry them.
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

const cacheControl = {
  cache_control: fc.constantFrom<Json[]>({ type: 'ephemeral' }, { type: 'ephemeral', ttl: '5m' }, { type: 'x', a: 1 }),
};
const pictureWishes = {
  ...cacheControl,
  fps: fc.constantFrom(0.1, 2),
  min_pixels: fc.nat().map((n) => n + 1),
  total_pixels: fc.constant(9),
};
const address = fc.oneof(
  fc.webUrl(),
  base64.map((bytes) => `data:image/png;base64,${bytes}`),
  fc.constant('oss://bucket/key'),
);

const textPart = object({ type: fc.constant('text'), text }, cacheControl);
const imagePart = object(
  { type: fc.constant('image_url'), image_url: object({ url: address }, { detail: fc.constantFrom('low', 'auto') }) },
  pictureWishes,
);
const videoPart = object({ type: fc.constant('video_url'), video_url: object({ url: address }) }, pictureWishes);
const framesPart = object(
  { type: fc.constant('video'), video: fc.array(fc.webUrl(), { minLength: 1, maxLength: 2 }) },
  pictureWishes,
);
const soundPart = object({
  type: fc.constant('input_audio'),
  input_audio: object({ data: fc.oneof(base64, fc.webUrl()), format: fc.constantFrom('wav', 'mp3') }),
});
const filePart = object({
  type: fc.constant('file'),
  file: fc.oneof(object({ file_id: word }, { filename: word }), object({ file_data: address }, { filename: word })),
});
const unknownPart = object({ type: fc.constant('x_block'), value: json });

/** More than one part, because one plain text is a string in normal form. */
function parts(part: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  return fc.array(part, { minLength: 2, maxLength: 3 });
}

const userPart = fc.oneof(textPart, imagePart, videoPart, framesPart, soundPart, filePart, unknownPart);
const named = { name: word };

const call = object({
  id: word,
  type: fc.constant('function'),
  function: object({ name: word, arguments: argumentsText }),
});
const otherCall = object({ id: word, type: fc.constant('custom'), custom: object({ name: word, input: text }) });

const message: fc.Arbitrary<JsonObject> = fc.oneof(
  object({ role: fc.constantFrom('system', 'developer', 'user'), content: fc.oneof(fc.string(), parts(textPart)) }, named),
  object({ role: fc.constant('user'), content: parts(userPart) }, named),
  object({ role: fc.constant('tool'), tool_call_id: word, content: fc.oneof(fc.string(), parts(textPart)) }, named),
  object(
    { role: fc.constant('assistant'), content: fc.oneof(text, parts(textPart)) },
    {
      ...named,
      reasoning_content: text,
      refusal: text,
      tool_calls: fc.array(fc.oneof(call, otherCall), { minLength: 1, maxLength: 2 }),
    },
  ),
  object(
    { role: fc.constant('assistant'), content: fc.constant(null), tool_calls: fc.array(call, { minLength: 1, maxLength: 3 }) },
    named,
  ),
  object({ role: fc.constant('assistant'), content: fc.constant(null), audio: object({ id: word }) }, named),
);

const tool = object({
  type: fc.constant('function'),
  function: object({ name: word }, { description: text, parameters: jsonObject, strict: fc.boolean() }),
});

const format = fc.oneof(
  object({ type: fc.constantFrom('text', 'json_object') }),
  object({
    type: fc.constant('json_schema'),
    json_schema: object({ name: word }, { schema: jsonObject, strict: fc.boolean(), description: text }),
  }),
);

const positive = fc.integer({ min: 1, max: 100_000 });

export const chatRequest: fc.Arbitrary<JsonObject> = fc
  .tuple(
    object(
      { model: word, messages: fc.array(message, { minLength: 1, maxLength: 4 }) },
      {
        temperature: fc.constantFrom(0, 0.7, 2),
        top_p: fc.constantFrom(0, 1),
        top_k: fc.nat({ max: 100 }),
        min_p: fc.constantFrom(0, 1),
        frequency_penalty: fc.constantFrom(-2, 2),
        presence_penalty: fc.constantFrom(-2, 2),
        repetition_penalty: fc.constantFrom(0.1, 2),
        seed: fc.nat(),
        stop: fc.array(fc.string(), { maxLength: 4 }),
        logit_bias: fc
          .dictionary(fc.nat().map(String), fc.integer({ min: -100, max: 100 }), { maxKeys: 2 })
          .map((biases) => ({ ...biases })),
        max_tokens: positive,
        max_completion_tokens: positive,
        n: fc.integer({ min: 1, max: 128 }),
        logprobs: fc.boolean(),
        tools: fc.array(tool, { minLength: 1, maxLength: 2 }),
        tool_choice: fc.constantFrom<Json[]>(
          'auto',
          'none',
          'required',
          { type: 'function', function: { name: 'f' } },
          { type: 'allowed_tools', x: [] },
        ),
        parallel_tool_calls: fc.boolean(),
        response_format: format,
        modalities: fc.constant(['text']),
        audio: object({ format: fc.constantFrom('wav', 'pcm16'), voice: word }),
        prediction: object({ type: fc.constant('content'), content: fc.string() }),
        enable_thinking: fc.boolean(),
        thinking_budget: positive,
        reasoning_effort: fc.constantFrom('none', 'low', 'max'),
        preserve_thinking: fc.boolean(),
        vl_high_resolution_images: fc.boolean(),
        max_pixels: positive,
        video_fps: fc.constantFrom(0.1, 10),
        treat_images_as_video: fc.boolean(),
        tool_web_search: fc.boolean(),
        tool_image_search: fc.boolean(),
        disable_formatting: fc.boolean(),
        metadata: jsonObject,
        user: word,
      },
    ),
    fc.oneof(
      fc.constant({}),
      fc.constant({ stream: false }),
      object({ stream: fc.constant(true) }, { stream_options: object({ include_usage: fc.boolean() }) }),
    ),
  )
  .map(([body, delivery]): JsonObject => ({ ...body, ...delivery }));
