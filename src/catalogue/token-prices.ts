import type { z } from 'zod';

/** Dollars: up to a trillion, exact to a thousandth of a nano-dollar. */
export const usdPattern = /^\d{1,12}(\.\d{1,12})?$/;

/**
 * The prices of one tier by token meter, each read by `usd`: a tier prices at least text in and out. What a cache costs, which
 * sellers like to publish as a part of the input price, is read by `usdOrShare`.
 */
export function tokenPrices<Usd extends z.ZodType, UsdOrShare extends z.ZodType>(usd: Usd, usdOrShare: UsdOrShare) {
  const optional = usd.exactOptional();
  const cache = usdOrShare.exactOptional();
  return {
    'input-text': usd,
    'input-image': optional,
    'input-audio': optional,
    'input-video': optional,
    'cache-read-explicit': cache,
    'cache-read-implicit': cache,
    'cache-write': cache,
    'output-text': usd,
    'output-audio': optional,
    reasoning: optional,
  };
}

/** As a file says them: dollars for a million tokens, or `10%` of `input-text`, as text. */
export type TokenPrices = Readonly<z.infer<z.ZodObject<ReturnType<typeof tokenPrices<z.ZodString, z.ZodString>>>>>;
