import type { GenerateRequest } from '../model/request.ts';
import type { Order } from './catalogue.ts';
import { checkFeatures } from './check-features.ts';
import { checkMedia } from './check-media.ts';
import { checkParameters } from './check-parameters.ts';
import { checkToolResults } from './check-tool-results.ts';
import type { OfferedModel } from './offered-model.ts';
import { resolveServerTools } from './resolve-server-tools.ts';
import { resolveThinking } from './resolve-thinking.ts';

/**
 * A request as this model will be asked it. Checks first, so that a refusal names what the caller wrote and not what was filled
 * in; then the defaults, which are the ones that the model's page documents. Throws FlashmuxError (400) with the path.
 */
export function resolveOrder(request: GenerateRequest, offered: OfferedModel): Order {
  checkParameters(request, offered);
  checkFeatures(request, offered);
  checkMedia(request, offered);
  checkToolResults(request);
  const { thinking, notices } = resolveThinking(request.thinking, offered);
  const tools = resolveServerTools(request, thinking.kind !== 'off', offered);
  const { model, variant, limits } = offered;
  return {
    request: {
      ...request,
      sampling: { ...defaultSampling(offered), ...request.sampling },
      limits: resolveLimits(request, offered),
      thinking,
      ...(request.serverTools === undefined ? {} : { serverTools: tools.serverTools }),
    },
    model,
    ...(variant === undefined ? {} : { variant }),
    limits,
    priceList: variant?.priceList ?? model.priceList,
    notices: [...notices, ...tools.notices],
  };
}

function defaultSampling(offered: OfferedModel): GenerateRequest['sampling'] {
  const temperature = offered.numberDefault('temperature');
  const topP = offered.numberDefault('top_p');
  return { ...(temperature === undefined ? {} : { temperature }), ...(topP === undefined ? {} : { topP }) };
}

/**
 * A page that documents a default for max_tokens (EmpirioLabs: 4,096 for Qwen3.5 Flash) means it for callers who say nothing:
 * they get that many tokens of answer, thinking apart. Who says either limit has said how long the answer may be. Models whose
 * pages name no default get none, and the answer may be as long as the model's limit.
 */
function resolveLimits({ limits }: GenerateRequest, offered: OfferedModel): GenerateRequest['limits'] {
  const answerTokens = offered.numberDefault('max_tokens');
  const isSaid = limits.answerTokens !== undefined || limits.completionTokens !== undefined;
  return isSaid || answerTokens === undefined ? limits : { ...limits, answerTokens };
}
