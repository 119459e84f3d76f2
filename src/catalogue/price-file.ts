import { z } from 'zod';
import { percentPattern } from './mark-up.ts';
import { factorPattern, isDiscount, sharePattern } from './share.ts';
import { tokenPrices, usdPattern } from './token-prices.ts';

/**
 * What an operator's price file holds. Prices are decimal text because no price may pass through a float: YAML reads an unquoted
 * 0.029 as one, so that is refused with what to write instead. The keys are written like those of flashmux.yaml.
 */

const decimalText = z.string({
  error: ({ input }) =>
    typeof input === 'number' ? `must be text: write it in quotes, "${input}", so that no digit can be lost` : undefined,
});

const usd = decimalText
  .regex(usdPattern, 'must be dollars as digits, such as "0.029"')
  .describe('US dollars as decimal text, such as "0.029".');

const usdOrShare = decimalText
  .regex(
    new RegExp(`${usdPattern.source}|${sharePattern.source}`),
    'must be dollars as digits, such as "0.029", or a part of input-text, such as "10%"',
  )
  .describe('US dollars as decimal text, such as "0.029", or a part of the price of input-text, such as "10%".');

/** Says what may stand in an object where something else does. */
function keysOf<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? `is unknown; known here: ${Object.keys(shape).join(', ')}` : undefined),
  });
}

const perMillionTokens = keysOf(tokenPrices(usd, usdOrShare));

const tier = keysOf({
  max_input_tokens: z
    .int()
    .positive()
    .exactOptional()
    .describe('Upper end, included, of the whole input of the requests that this tier prices. Absent: no end.'),
  per_million_tokens: perMillionTokens.describe(
    'Dollars for a million tokens, by meter. A medium, a thought or a cached token without its own price costs what text costs.',
  ),
});

const rounding = keysOf({
  quantum: z
    .string({ error: 'must be text, such as "500"' })
    .regex(/^[1-9]\d{0,11}$/, 'must be nano-dollars as a whole number from 1, such as "500"')
    .exactOptional()
    .describe('Nano-dollars to a multiple of which is rounded up; "1" unless said.'),
  per: z
    .enum(['line', 'request'], 'must be line or request')
    .exactOptional()
    .describe('line: each line of a bill by itself, as it is unless said. request: the sum, once.'),
});

const converted = keysOf({
  from: z
    .string()
    .regex(/^(?!USD)[A-Z]{3}$/, 'must be the three letters of another currency than the dollar, such as CNY')
    .describe('ISO 4217 code.'),
  rate: decimalText
    .regex(usdPattern, 'must be dollars for one unit of the currency, as digits, such as "0.14"')
    .describe('Dollars for one unit of the currency.'),
  on: z.iso.date('must be a day, such as 2026-12-01').describe('The day of the rate.'),
});

const row = keysOf({
  model: z.string().min(1).describe('Id of a model, or id:variant.'),
  from: z.iso
    .datetime({ offset: true, error: 'must be a time with its zone, such as 2026-12-01T00:00:00Z' })
    .describe('From when it holds. Requests that were admitted before settle at the prices before.'),
  free: z.literal(true).exactOptional().describe('It costs nothing. Stands in place of tiers.'),
  tiers: z.array(tier).min(1, 'must have a tier').exactOptional().describe('By rising max_input_tokens.'),
  per_call: z
    .record(z.string(), usd)
    .exactOptional()
    .describe('Dollars for one call of a server-side tool, by its name. "0" where it is free.'),
  per_request: usd.exactOptional().describe('Dollars for each request, beside its tokens.'),
  rounding: rounding.exactOptional().describe('Where a bill is rounded up, and how far.'),
  batch: decimalText
    .regex(factorPattern, 'must be a factor or a percentage, such as "0.5" or "50%"')
    .refine((factor) => !factorPattern.test(factor) || isDiscount(factor), 'must be above 0 and at most 1 (100%)')
    .exactOptional()
    .describe('What tokens cost in a batch: this part of their price. Absent: a batch costs what single requests cost.'),
  batch_cache_discounts: z
    .boolean()
    .exactOptional()
    .describe('false: cached tokens cost in a batch what fresh text costs there. true unless said.'),
  converted: converted.exactOptional().describe('Where the dollars come from, for the reader: nothing is computed from it.'),
  note: z.string().exactOptional().describe('For the reader of the file.'),
});

const markUp = keysOf({
  account: z.string().min(1).exactOptional().describe('Id of the account that pays it. Absent: every account.'),
  model: z
    .string()
    .regex(/^[^*]*\*?$/, 'may have one star, at its end: qwen*')
    .min(1)
    .describe('Id of a model, or the beginning of ids and a star.'),
  percent: z
    .string({ error: 'must be text, such as "30" or "2.5"' })
    .regex(percentPattern, 'must be a percentage above -100, as digits, such as "30" or "2.5"')
    .describe('What is added to every rate. "-10" takes a tenth off.'),
  note: z.string().exactOptional().describe('For the reader of the file.'),
});

export const priceFile = keysOf({
  prices: z.array(row).describe('One version of the prices of one model each.'),
  mark_ups: z
    .array(markUp)
    .exactOptional()
    .describe('What is added to the prices in force. Of the rules that fit, the most specific one counts alone.'),
});

export type PriceRow = z.infer<typeof row>;
export type TierRow = z.infer<typeof tier>;
export type MarkUpRow = z.infer<typeof markUp>;

/** The JSON Schema of a price file, for editors. */
export function priceFileSchema(): unknown {
  return z.toJSONSchema(priceFile);
}
