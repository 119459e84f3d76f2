import { FlashmuxError } from '../../model/fault.ts';
import type { GenerateRequest } from '../../model/request.ts';

/** Each is applied at every token of the answer. 500,000 of them cost 2.5 s before the first (measured). */
const maxBiasedTokens = 2_000;

/** Refuses what a text model cannot do, with the path of the field. Parts that are no text are refused where they are rendered. */
export function checkRequest(request: GenerateRequest): void {
  if (request.modalities?.includes('audio') === true) {
    throw new FlashmuxError('unsupported_value', 'This model answers in text only.', { param: 'modalities' });
  }
  const biased = Object.keys(request.sampling.logitBias ?? {}).length;
  if (biased > maxBiasedTokens) {
    throw new FlashmuxError('invalid_request', `logit_bias names ${biased} tokens; at most ${maxBiasedTokens} are taken.`, {
      param: 'logit_bias',
    });
  }
}
