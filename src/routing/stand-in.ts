import type { ModelEntry, Order } from '../catalogue/catalogue.ts';
import type { GenerateRequest, Thinking } from '../model/request.ts';
import type { Notice } from '../model/notice.ts';

/**
 * A request that was resolved for one model, as another gets it that stands in. What the caller said stays; what the caller left to
 * the named model's defaults is left to those of the model that answers. A budget beyond its reach is cut, with a notice.
 */
export function standInRequest(
  order: Order,
  asked: GenerateRequest,
  standIn: ModelEntry,
): { readonly request: GenerateRequest; readonly notices: readonly Notice[] } {
  if (asked.thinking.kind === 'unsaid' && asked.thinking.effort === undefined) {
    return { request: { ...order.request, thinking: defaultThinking(asked.thinking, standIn) }, notices: [] };
  }
  const { thinking } = order.request;
  const most = standIn.limits.thinking;
  if (thinking.kind !== 'on' || most === undefined || (thinking.budgetTokens ?? 0) <= most)
    return { request: order.request, notices: [] };
  return {
    request: { ...order.request, thinking: { ...thinking, budgetTokens: most } },
    notices: [{ code: 'clamped', path: 'thinking_budget', message: `${standIn.id} thinks at most ${most} tokens.` }],
  };
}

function defaultThinking(asked: Thinking, standIn: ModelEntry): Thinking {
  if (!standIn.thinkingDefault) return { kind: 'off' };
  const budgetTokens = asked.budgetTokens ?? standIn.limits.thinking;
  return { kind: 'on', ...(budgetTokens === undefined ? {} : { budgetTokens }) };
}
