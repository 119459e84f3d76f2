import { z } from 'zod';

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'a name is made of a-z, 0-9 and -, and at most 64 long');

/** The APIs of other servers that can be called. */
export const providerTypes = ['openai-compatible', 'anthropic-messages', 'openai-responses', 'segmind'] as const;

export type ProviderType = (typeof providerTypes)[number];

const modelsMessage = "must be a list of model ids, or a map from our id to the host's own";

const models = z.union([z.array(z.string().min(1)).min(1), z.record(z.string().min(1), z.string().min(1))], {
  error: modelsMessage,
});

const key = z.string().min(1);
const tokens = z.int().min(1).max(100_000_000);

const limits = z.strictObject({
  context: tokens.optional(),
  input: tokens.optional(),
  output: tokens.optional(),
  thinking: tokens.optional(),
});

const privacy = z.strictObject({
  keeps_no_data: z.boolean().default(false),
  retains_nothing: z.boolean().default(false),
  trains_on_nothing: z.boolean().default(false),
});

const provider = z
  .strictObject({
    name: name.describe('How it is called in answers, headers and logs.'),
    preset: z
      .string()
      .min(1)
      .optional()
      .describe('A known host, such as `alibaba` (docs/providers.md lists them): what is not said below is as it is there.'),
    region: z.string().min(1).optional().describe('Region of a preset that has several. Absent: the first of them.'),
    type: z.enum(providerTypes).optional().describe('Which API it speaks. Absent: that of its preset, or `openai-compatible`.'),
    base_url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Up to and with /v1, such as http://127.0.0.1:8000/v1. Must be set where there is no preset.'),
    api_key: key.optional().describe('Write ${NAME} to take it from the environment.'),
    api_keys: z
      .array(key)
      .min(1)
      .optional()
      .describe('Several keys, used in turn; one that the host refuses or throttles rests.'),
    account_keys: z
      .record(z.string().min(1), key)
      .optional()
      .describe('Keys of accounts of this server that bring their own: a map from the id of the account to its key.'),
    headers: z.record(z.string(), z.string()).optional().describe('Sent with every request to it.'),
    quirks: z
      .string()
      .min(1)
      .optional()
      .describe('Row of the quirks table that fits the server. Absent: that of its preset, or `generic`.'),
    cancellable: z
      .boolean()
      .optional()
      .describe('Whether the host stops billing when a request is aborted. Absent: as its row says.'),
    models: models.default([]).describe("Models it serves: a list of ids, or a map from our id to the host's own."),
    embeddings: models
      .default([])
      .describe('Models whose vectors it serves (POST /embeddings), in the same form. It serves models, embeddings or both.'),
    weight: z
      .number()
      .min(0)
      .max(1_000_000)
      .optional()
      .describe('Its share of the traffic beside others of the same model, which have 1. 0: only where no other is left.'),
    quantization: z.string().min(1).max(32).optional().describe('Number format of the weights, such as `fp8`.'),
    privacy: privacy
      .optional()
      .describe(
        'What it does with prompts: `keeps_no_data`, `retains_nothing`, `trains_on_nothing`. What is not said counts as no.',
      ),
    limits: limits
      .optional()
      .describe('Its limits in tokens where they are smaller than those of the model: `context`, `input`, `output`, `thinking`.'),
  })
  .superRefine((own, context) => {
    const complain = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (own.api_key !== undefined && own.api_keys !== undefined)
      complain('api_keys', 'stands beside api_key; put all keys into api_keys');
    if (own.region !== undefined && own.preset === undefined) complain('region', 'means something only beside a preset');
    if (own.preset !== undefined) return;
    if (own.base_url === undefined) complain('base_url', 'is missing; an address is expected, or a preset that has one');
    if ([own.models, own.embeddings].every((ids) => Object.keys(ids).length === 0)) complain('models', modelsMessage);
  });

export type ProviderSettings = z.infer<typeof provider>;

/** Names that flashmux uses itself. */
const takenNames = new Set(['embedded', 'scripted']);

export const providerList = z
  .array(provider)
  .default([])
  .superRefine((providers, context) => {
    const seen = new Set(takenNames);
    for (const [index, { name: own }] of providers.entries()) {
      if (seen.has(own)) {
        const message = `the name "${own}" is taken; each provider needs its own`;
        context.addIssue({ code: 'custom', path: [index, 'name'], message });
      }
      seen.add(own);
    }
  });

/** Paths of the keys in it, whose values are never shown. */
export const providerSecrets: readonly RegExp[] = [
  /^providers\.\d+\.api_key$/,
  /^providers\.\d+\.api_keys\.\d+$/,
  /^providers\.\d+\.account_keys\./,
  /^providers\.\d+\.headers\./,
];
