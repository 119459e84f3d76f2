import type { Notice } from '../model/notice.ts';
import type { Effort, Thinking } from '../model/request.ts';
import { effortBudget } from './effort-budget.ts';
import type { OfferedModel } from './offered-model.ts';

export interface ResolvedThinking {
  readonly thinking: Thinking;
  readonly notices: readonly Notice[];
}

/**
 * Decides whether the model thinks and how much, in two questions that do not mix.
 *
 * Whether: `enable_thinking`, else `reasoning_effort` (none is off, any other on), else the model's default.
 * How much: `thinking_budget`, else `reasoning_effort` by the table of effort-budget.ts, else the default budget of the page,
 * which is exacter than its default effort (EmpirioLabs lists both and no order). Where nothing is said the model's limit holds.
 *
 * What loses is told in a notice. A model that states no default (an operator's) gets the caller's words as they are.
 */
export function resolveThinking(wish: Thinking, offered: OfferedModel): ResolvedThinking {
  if (!offered.model.capabilities.features.includes('thinking')) return thoughtless(wish, offered);
  const fallback = offered.booleanDefault('enable_thinking');
  if (fallback === undefined) return { thinking: wish, notices: [] };
  const isOn = wish.kind === 'unsaid' ? (wish.effort === undefined ? fallback : wish.effort !== 'none') : wish.kind === 'on';
  return isOn ? thinkingOn(wish, offered) : thinkingOff(wish);
}

function thinkingOn(wish: Thinking, offered: OfferedModel): ResolvedThinking {
  const effort = wish.effort === 'none' ? undefined : wish.effort;
  const kept = preserved(wish);
  const notices: Notice[] = [];
  if (wish.effort === 'none')
    notices.push(ignored('reasoning_effort', 'enable_thinking: true turns thinking on; "none" has no effect.'));
  if (wish.budgetTokens !== undefined) {
    if (effort !== undefined) notices.push(ignored('reasoning_effort', 'thinking_budget says how much to think; it wins.'));
    return { thinking: { kind: 'on', budgetTokens: wish.budgetTokens, ...kept }, notices };
  }
  const budgetTokens = effort === undefined ? offered.numberDefault('thinking_budget') : undefined;
  if (budgetTokens !== undefined) return { thinking: { kind: 'on', budgetTokens, ...kept }, notices };
  return { thinking: { kind: 'on', ...sized(effort, offered), ...kept }, notices };
}

/** The effort stays beside its budget: some hosts know only the one, some only the other. */
function sized(effort: Exclude<Effort, 'none'> | undefined, offered: OfferedModel): { effort?: Effort; budgetTokens?: number } {
  if (effort === undefined) return {};
  const { thinking } = offered.limits;
  return thinking === undefined ? { effort } : { effort, budgetTokens: effortBudget(effort, thinking) };
}

function thinkingOff(wish: Thinking): ResolvedThinking {
  const notices: Notice[] = [];
  if (wish.effort !== undefined && wish.effort !== 'none') {
    notices.push(ignored('reasoning_effort', 'enable_thinking: false turns thinking off; the effort has no effect.'));
  }
  if (wish.budgetTokens !== undefined) {
    notices.push(ignored('thinking_budget', 'Thinking is off; set enable_thinking: true for the budget to have an effect.'));
  }
  return { thinking: { kind: 'off', ...preserved(wish) }, notices };
}

function thoughtless(wish: Thinking, offered: OfferedModel): ResolvedThinking {
  const message = `${offered.label} does not think; it has no effect.`;
  const notices: Notice[] = [];
  if (wish.kind === 'on') notices.push(ignored('enable_thinking', message));
  if (wish.effort !== undefined && wish.effort !== 'none') notices.push(ignored('reasoning_effort', message));
  if (wish.budgetTokens !== undefined) notices.push(ignored('thinking_budget', message));
  return { thinking: { kind: 'off' }, notices };
}

function preserved({ preserve }: Thinking): { preserve?: boolean } {
  return preserve === undefined ? {} : { preserve };
}

function ignored(path: string, message: string): Notice {
  return { code: 'ignored', path, message };
}
