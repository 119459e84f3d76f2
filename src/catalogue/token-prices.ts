import type { z } from 'zod';

/** The prices of one tier by token meter, each read by `usd`: a tier prices at least text in and out. */
export function tokenPrices<Usd extends z.ZodType>(usd: Usd) {
  const optional = usd.exactOptional();
  return {
    'input-text': usd,
    'input-image': optional,
    'input-audio': optional,
    'input-video': optional,
    'cache-read-explicit': optional,
    'cache-read-implicit': optional,
    'cache-write': optional,
    'output-text': usd,
    'output-audio': optional,
    reasoning: optional,
  };
}
