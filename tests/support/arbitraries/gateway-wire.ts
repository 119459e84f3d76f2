import fc from 'fast-check';
import type { Json, JsonObject } from '../../../src/model/json.ts';
import { json, jsonObject, optional, text, word } from './basics.ts';
import { base64 } from './parts.ts';

/*
 * Calls of the gateway protocol in normal form: as writeRequest would say them. Unknown keys and other vendors' options stand at every level
 * that may carry them.
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

/** Options by vendor: cache marks, what only this program says, and vendors that nobody knows. */
function options(
  flashmux: Record<string, fc.Arbitrary<Json>> = {},
  openai: Record<string, fc.Arbitrary<Json>> = {},
): fc.Arbitrary<Json> {
  const control = fc.constantFrom<Json[]>({ type: 'ephemeral' }, { type: 'ephemeral', ttl: '5m' }, { type: 'x', a: 1 });
  return fc
    .tuple(
      optional<Record<string, Json>>({ cacheControl: control }),
      optional<Record<string, Json>>({ ...flashmux, x_own: json }),
      optional<Record<string, Json>>({ itemId: word, ...openai }),
      jsonObject,
      fc.boolean(),
    )
    .map(([alibaba, own, other, google, isGoogle]) => {
      const vendors: readonly (readonly [string, JsonObject])[] = [
        ['alibaba', defined(alibaba)],
        ['flashmux', defined(own)],
        ['openai', defined(other)],
      ];
      const said = vendors.filter(([, words]) => Object.keys(words).length > 0);
      return Object.fromEntries(isGoogle || said.length === 0 ? [...said, ['google', google]] : said);
    });
}

const textPart = object({ type: fc.constant('text'), text: fc.string() }, { providerOptions: options() });
const refusalPart = object({ type: fc.constant('text'), text, providerOptions: fc.constant({ flashmux: { refusal: true } }) });

const mediaOptions = options(
  {
    fps: fc.constantFrom(0.1, 2),
    minPixels: fc.integer({ min: 1, max: 1000 }),
    totalPixels: fc.constant(9),
    transcript: text,
    expiresAt: fc.nat(),
  },
  { imageDetail: fc.constantFrom('low', 'auto') },
);
const bytes = fc.constantFrom('image/png', 'image/*', 'video/mp4', 'audio/wav', 'audio/mpeg', 'application/pdf', 'text/plain');
const addresses = fc.constantFrom<[string, string][]>(
  ['https://example.com/a.png', 'image/png'],
  ['https://example.com/a', 'image/webp'],
  ['https://example.com/a', 'image/*'],
  ['oss://bucket/key', 'video/*'],
  ['https://example.com/s.mp3?x=1', 'audio/mpeg'],
  ['https://example.com/d.pdf', 'text/html'],
);

const bytesPart = object(
  { type: fc.constant('file'), mediaType: bytes, data: object({ type: fc.constant('data'), data: base64 }) },
  { filename: word, providerOptions: mediaOptions },
);
const urlPart = addresses.chain(([url, mediaType]) =>
  object(
    {
      type: fc.constant('file'),
      mediaType: fc.constant(mediaType),
      data: object({ type: fc.constant('url'), url: fc.constant(url) }),
    },
    { filename: word, providerOptions: mediaOptions },
  ),
);
const ownFilePart = object(
  {
    type: fc.constant('file'),
    mediaType: fc.constantFrom('application/*', 'image/*'),
    data: object({ type: fc.constant('reference'), reference: word.map((id) => ({ flashmux: id })) }),
  },
  { filename: word },
);
const foreignFilePart = fc.constant({
  type: 'file',
  mediaType: 'image/png',
  data: { type: 'reference', reference: { openai: 'file-1' } },
});
const filePart = fc.oneof(bytesPart, urlPart, ownFilePart, foreignFilePart);
const unknownPart = object({ type: fc.constantFrom('x_block', 'custom', 'reasoning-file'), value: json });

const reasoningPart = object(
  { type: fc.constant('reasoning'), text: fc.string() },
  {
    providerOptions: fc.oneof(
      jsonObject.map((anthropic): Json => ({ anthropic: { signature: 's', ...anthropic } })),
      word.map((id): Json => ({ openai: { itemId: id, reasoningEncryptedContent: 'e' } })),
      json.map((value): Json => ({ flashmux: { seal: { protocol: 'anthropic-messages', value } }, google: { a: 1 } })),
    ),
  },
);

/** A call and its result, by one id, so that the name of the tool is told twice alike. */
const exchange: fc.Arbitrary<readonly JsonObject[]> = fc.tuple(word, word).chain(([id, name]) => {
  const tool = { toolCallId: fc.constant(id), toolName: fc.constant(name) };
  const call = object(
    {
      type: fc.constant('tool-call'),
      ...tool,
      input: fc.oneof(
        jsonObject,
        text.filter((one) => !/^\s*[[{]/.test(one)),
        fc.constant('{"a":'),
      ),
    },
    { providerOptions: options() },
  );
  const foreign = object({ type: fc.constant('tool-call'), ...tool, input: jsonObject, providerExecuted: fc.constant(true) });
  const result = object({ type: fc.constant('tool-result'), ...tool, output }, { providerOptions: options() });
  return fc.tuple(fc.oneof(call, foreign), result, unknownPart).map(([one, two, three]): readonly JsonObject[] => [
    { role: 'assistant', content: [one] },
    { role: 'tool', content: [two, three] },
  ]);
});

const entries = fc.array(fc.oneof(filePart, unknownPart, refusalPart), { minLength: 1, maxLength: 2 });
const structure = fc.oneof(jsonObject, fc.array(json, { maxLength: 2 }));
const plainText = text.filter((one) => !/^\s*[[{]/.test(one));
const output: fc.Arbitrary<Json> = fc.oneof(
  object({ type: fc.constantFrom('text', 'error-text'), value: fc.oneof(plainText, fc.constant('')) }),
  object({ type: fc.constantFrom('json', 'error-json'), value: structure }),
  object({ type: fc.constant('execution-denied') }, { reason: plainText }),
  object({ type: fc.constant('content'), value: entries }),
);

const message: fc.Arbitrary<readonly JsonObject[]> = fc.oneof(
  object(
    { role: fc.constant('system'), content: text },
    { providerOptions: options({ role: fc.constant('developer'), name: word }) },
  ).map(alone),
  object(
    { role: fc.constant('user'), content: fc.array(fc.oneof(textPart, filePart, unknownPart), { maxLength: 3 }) },
    { providerOptions: fc.constantFrom<Json[]>({ flashmux: { name: 'n' } }, { google: {} }) },
  ).map(alone),
  object({
    role: fc.constant('assistant'),
    content: fc.array(fc.oneof(textPart, refusalPart, filePart, reasoningPart, unknownPart), { maxLength: 3 }),
  }).map(alone),
  exchange,
);

function alone(value: JsonObject): readonly JsonObject[] {
  return [value];
}

const tool = object(
  { type: fc.constant('function'), name: word, inputSchema: jsonObject },
  { description: text, strict: fc.boolean(), providerOptions: jsonObject, inputExamples: json },
);

const format = fc.oneof(
  object({ type: fc.constant('text') }),
  object({ type: fc.constant('json') }),
  object(
    { type: fc.constant('json'), schema: jsonObject },
    { name: word.filter((name) => name !== 'response'), description: text },
  ),
);

const positive = fc.integer({ min: 1, max: 100_000 });

const providerName = fc.oneof(fc.stringMatching(/^[a-z]{1,8}$/), fc.constant('__proto__'));
const credential = fc.stringMatching(/^[!-~]{1,60}$/).map((apiKey): JsonObject => ({ apiKey }));

const vendorOptions: fc.Arbitrary<JsonObject> = fc
  .tuple(
    optional<Record<string, Json>>({
      enableThinking: fc.boolean(),
      thinkingBudget: positive,
      preserveThinking: fc.boolean(),
      x_a: json,
    }),
    optional<Record<string, Json>>({
      minP: fc.constant(0.1),
      logitBias: fc.constant({ 5: -100 }),
      maxCompletionTokens: positive,
      prediction: text,
      webSearch: fc.boolean(),
      maxPixels: positive,
      audio: object({ format: fc.constant('wav'), voice: word }),
      x_b: json,
    }),
    optional<Record<string, Json>>({
      models: fc.array(word, { maxLength: 2 }),
      order: fc.array(word, { maxLength: 2 }),
      sort: fc.constantFrom('cost', 'ttft', 'tps'),
      zeroDataRetention: fc.boolean(),
      disallowPromptTraining: fc.boolean(),
      user: word,
      tags: fc.array(word, { maxLength: 2 }),
      byok: fc.dictionary(providerName, fc.array(credential, { minLength: 1, maxLength: 2 }), {
        maxKeys: 2,
        noNullPrototype: true,
      }),
      providerTimeouts: fc
        .dictionary(providerName, positive, { maxKeys: 2, noNullPrototype: true })
        .map((byok): JsonObject => ({ byok })),
      x_c: json,
    }),
  )
  .map(([alibaba, flashmux, gateway]): JsonObject => {
    const vendors = {
      alibaba: defined(alibaba),
      flashmux: defined(flashmux),
      gateway: defined(gateway),
      google: { safety: 'x' },
    };
    return Object.fromEntries(Object.entries(vendors).filter(([, words]) => Object.keys(words).length > 0));
  });

/** A call of specification 4. */
export const gatewayCall: fc.Arbitrary<JsonObject> = fc.array(message, { minLength: 1, maxLength: 4 }).chain((messages) =>
  object(
    {
      'ai-language-model-id': word,
      'ai-language-model-streaming': fc.constantFrom('true', 'false'),
      prompt: fc.constant(messages.flat()),
    },
    {
      maxOutputTokens: positive,
      temperature: fc.constantFrom(0, 1.5),
      topP: fc.constant(0.9),
      topK: fc.nat({ max: 50 }),
      presencePenalty: fc.constant(-1),
      frequencyPenalty: fc.constant(2),
      stopSequences: fc.array(text, { maxLength: 4 }),
      seed: fc.nat(),
      responseFormat: format,
      tools: fc.array(tool, { minLength: 1, maxLength: 2 }),
      toolChoice: fc.constantFrom<Json[]>({ type: 'auto' }, { type: 'required' }, { type: 'tool', toolName: 'f' }),
      reasoning: fc.constantFrom('none', 'low', 'max'),
      providerOptions: vendorOptions,
      headers: fc.constant({ 'x-trace': '1' }),
      includeRawChunks: fc.constant(true),
    },
  ),
);
