import { z } from 'zod';
import { factorPattern, isDiscount, sharePattern } from './share.ts';
import { tokenPrices, usdPattern } from './token-prices.ts';

/**
 * What a file in data/ holds: one model. Prices are decimal text because no price may pass through a float. The JSON Schema of
 * this (data/model.schema.json) helps editors; a test keeps it equal.
 */

const usd = z.string().regex(usdPattern).describe('US dollars as decimal text, such as "0.029"');
const usdOrShare = z
  .string()
  .regex(new RegExp(`${usdPattern.source}|${sharePattern.source}`))
  .describe('US dollars as decimal text, such as "0.029", or a part of the price of input-text, such as "10%"');
const isoDate = z.iso.date();
const tokens = z.int().positive();
const source = z.string().min(1).describe('Where the figure was seen, with a date or version');

const perMillionTokens = z.strictObject(tokenPrices(usd, usdOrShare));

const tier = z.strictObject({
  maxInputTokens: tokens
    .exactOptional()
    .describe('Upper end, included, of the whole input of the requests that this tier prices'),
  perMillionTokens,
  was: z.partialRecord(perMillionTokens.keyof(), usd).exactOptional().describe('The prices before a lasting reduction'),
});

const offer = z.strictObject({
  id: z.string().min(1),
  seller: z.string().min(1),
  region: z.string().min(1).exactOptional(),
  from: isoDate.describe('From when it holds; the date of the source where that is not told'),
  rounding: z
    .strictObject({
      quantum: z
        .string()
        .regex(/^[1-9]\d{0,11}$/)
        .exactOptional()
        .describe('Nano-dollars to a multiple of which is rounded up; 1 unless said'),
      per: z.enum(['line', 'request']).exactOptional().describe('Each line of a bill by itself, unless said, or the sum once'),
    })
    .exactOptional(),
  batch: z
    .string()
    .regex(factorPattern)
    .refine(isDiscount)
    .exactOptional()
    .describe('Part of their price that tokens cost in a batch, such as "50%"'),
  batchCacheDiscounts: z
    .boolean()
    .exactOptional()
    .describe('Whether cached tokens are cheaper in a batch than fresh text; true unless said'),
  converted: z
    .strictObject({
      from: z.string().regex(/^[A-Z]{3}$/),
      rate: usd.describe('Dollars for one unit of the currency'),
      on: isoDate,
    })
    .exactOptional()
    .describe('Set where the figures were published in another currency'),
  tiers: z.array(tier).min(1),
  perCall: z
    .record(z.string().regex(/^[a-z_]+$/), usd)
    .exactOptional()
    .describe('Price of one call, by server-side tool'),
  source,
  sources: z.record(z.string(), source).exactOptional().describe('Figures that were seen elsewhere, by meter'),
});

const limits = z.strictObject({
  context: tokens,
  input: tokens.exactOptional(),
  output: tokens,
  thinking: tokens.exactOptional(),
});

const parameterOverride = z.strictObject({
  description: z.string().min(1).exactOptional(),
  default: z.union([z.string(), z.number(), z.boolean()]).exactOptional(),
  minimum: z.number().exactOptional(),
  maximum: z.number().exactOptional(),
  enum: z.array(z.string()).min(1).exactOptional(),
});

const parameterFields = {
  parameterGroups: z.array(z.string()).describe('Groups of data/parameters.json'),
  parameters: z.record(z.string(), parameterOverride).describe('Further parameters, and what differs from the shared definition'),
};

const variant = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9]+$/)
    .describe('What follows the colon'),
  region: z.string().min(1).exactOptional(),
  limits,
  price: z.string().describe('Id of the offer that it is sold at'),
  ...parameterFields,
});

export const modelFile = z.strictObject({
  $schema: z.literal('./model.schema.json'),
  id: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  name: z.string().min(1),
  description: z.string().min(1),
  aliases: z.array(z.string()),
  owner: z.string().min(1),
  released: isoDate.exactOptional(),
  retired: isoDate.exactOptional(),
  capabilities: z.strictObject({
    input: z.array(z.enum(['text', 'image', 'audio', 'video', 'document'])).min(1),
    output: z.array(z.enum(['text', 'audio'])).min(1),
    features: z.array(
      z.enum(['thinking', 'tools', 'json', 'schema', 'logprobs', 'answers', 'explicit-cache', 'implicit-cache', 'server-tools']),
    ),
  }),
  limits,
  thinkingDefault: z.boolean(),
  ...parameterFields,
  prices: z.array(offer).min(1).describe('The first is what this server charges for the plain id'),
  variants: z.array(variant),
  standInFamily: z.string().exactOptional(),
  standsInFor: z.array(z.string()).min(1).exactOptional(),
  standInNote: z.string().min(1).exactOptional(),
  sources: z.record(z.string(), source).describe('Where each figure was seen, by its name in this file'),
});

export type ModelFile = z.infer<typeof modelFile>;
