import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import type { Effort, Thinking } from '../../model/request.ts';
import type { Draft } from '../http-host/draft.ts';
import type { ResponsesQuirks } from './responses-quirks.ts';

/** Says what the caller wants of thinking in the one way that this host understands. */
export function applyResponsesThinking(draft: Draft, thinking: Thinking, quirks: Pick<ResponsesQuirks, 'thinking'>): void {
  if (quirks.thinking.kind === 'as-written') return;
  const { effort: _, max_tokens: _budget, enabled: _enabled, ...carried } = objectOr(draft.body['reasoning']);
  delete draft.body['reasoning'];
  delete draft.body['preserve_thinking'];
  if (thinking.preserve !== undefined)
    draft.tell('dropped', 'preserve_thinking', 'This host decides itself which thoughts it keeps.');
  switch (quirks.thinking.kind) {
    case 'effort':
      sayReasoning(draft, carried, effortOf(draft, thinking, quirks.thinking.efforts));
      return;
    case 'enable_thinking':
      saySwitch(draft, carried, thinking);
      return;
    case 'top level':
      sayTopLevel(draft, thinking, quirks.thinking.efforts);
      return;
  }
}

function sayReasoning(draft: Draft, carried: JsonObject, effort: Effort | undefined): void {
  const said = { ...(effort === undefined ? {} : { effort }), ...carried };
  if (Object.keys(said).length > 0) draft.body['reasoning'] = said;
}

function saySwitch(draft: Draft, carried: JsonObject, thinking: Thinking): void {
  const on = wanted(thinking);
  if (on !== undefined) draft.body['enable_thinking'] = on;
  const effort = thinking.effort === 'none' || on === false ? undefined : thinking.effort;
  sayReasoning(draft, carried, effort);
  if (thinking.budgetTokens === undefined || on === false) return;
  const instead = effort === undefined ? 'the model thinks as much as it does by itself' : `effort "${effort}" was sent`;
  draft.tell('clamped', 'thinking_budget', `This host has no thinking budget; ${instead}.`);
}

/** The budget is the exacter word. */
function sayTopLevel(draft: Draft, thinking: Thinking, efforts: readonly Effort[]): void {
  const on = wanted(thinking);
  if (on !== undefined) draft.body['enable_thinking'] = on;
  if (on === false) return;
  if (thinking.budgetTokens !== undefined) {
    draft.body['thinking_budget'] = thinking.budgetTokens;
    if (thinking.effort !== undefined)
      draft.tell('ignored', 'reasoning_effort', 'This host takes a thinking budget or an effort; the budget was sent.');
  } else if (thinking.effort !== undefined) draft.body['reasoning_effort'] = fitting(draft, thinking.effort, efforts);
}

/** Whether the model is to think; undefined where nobody said. */
export function wanted({ kind, effort }: Thinking): boolean | undefined {
  if (effort === 'none') return false;
  return kind === 'unsaid' ? undefined : kind === 'on';
}

function effortOf(draft: Draft, thinking: Thinking, efforts: readonly Effort[]): Effort | undefined {
  const on = wanted(thinking);
  if (on === false) return efforts.includes('none') ? 'none' : undefined;
  const effort = thinking.effort ?? (thinking.budgetTokens === undefined ? undefined : effortOfBudget(thinking.budgetTokens));
  if (effort === undefined) {
    // Models behind such a switch think by default; an effort would be refused by models that cannot.
    if (on === true) draft.tell('dropped', 'enable_thinking', 'This host has no switch for thinking but an effort.');
    return undefined;
  }
  if (thinking.budgetTokens === undefined) return fitting(draft, effort, efforts);
  const sent = nearest(effort, efforts);
  draft.tell('clamped', 'thinking_budget', `This host has no thinking budget; effort "${sent}" was sent.`);
  return sent;
}

function fitting(draft: Draft, effort: Effort, efforts: readonly Effort[]): Effort {
  const sent = nearest(effort, efforts);
  if (sent !== effort) draft.tell('clamped', 'reasoning_effort', `This host has no effort "${effort}"; "${sent}" was sent.`);
  return sent;
}

/** Alibaba's own equation: low is 4,096 tokens, medium 16,384 (Model Studio documentation, 2026-09). */
function effortOfBudget(budgetTokens: number): Effort {
  if (budgetTokens <= 4_096) return 'low';
  return budgetTokens <= 16_384 ? 'medium' : 'high';
}

const order: readonly Effort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/** The next lower effort that the host knows, or its lowest above: never a switch to none. */
function nearest(effort: Effort, efforts: readonly Effort[]): Effort {
  const rank = order.indexOf(effort);
  const known = order.filter((candidate) => candidate !== 'none' && efforts.includes(candidate));
  return known.findLast((candidate) => order.indexOf(candidate) <= rank) ?? known[0] ?? effort;
}

function objectOr(value: Json | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
