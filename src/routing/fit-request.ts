import type { ModelLimits } from '../catalogue/catalogue.ts';
import type { Notice } from '../model/notice.ts';
import type { GenerateRequest } from '../model/request.ts';

/** A request as one host can take it. */
export interface FittedRequest {
  readonly request: GenerateRequest;
  readonly notices: readonly Notice[];
}

/**
 * The request within the limits of a host that has lower ones than the model. What was filled in for the caller is lowered without a
 * word, a thinking budget that it named with a notice; a length that it named was a reason to pass the host over before.
 */
export function fitRequest(request: GenerateRequest, asked: GenerateRequest, limits: ModelLimits): FittedRequest {
  const { output, thinking, isAssumed = false } = limits;
  const answerTokens = request.limits.answerTokens;
  const isTooLong = answerTokens !== undefined && answerTokens > output && !isAssumed;
  const shorter = isTooLong ? { ...request, limits: { ...request.limits, answerTokens: output } } : request;
  const budget = shorter.thinking.budgetTokens;
  if (shorter.thinking.kind !== 'on' || thinking === undefined || budget === undefined || budget <= thinking)
    return { request: shorter, notices: [] };
  const notice: Notice = { code: 'clamped', path: 'thinking_budget', message: `The host thinks at most ${thinking} tokens.` };
  return {
    request: { ...shorter, thinking: { ...shorter.thinking, budgetTokens: thinking } },
    notices: asked.thinking.budgetTokens === undefined ? [] : [notice],
  };
}
