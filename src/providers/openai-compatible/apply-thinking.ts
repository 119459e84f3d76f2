import { isJsonObject, type Json } from '../../model/json.ts';
import type { Effort, GenerateRequest } from '../../model/request.ts';
import type { Quirks } from '../quirks.ts';
import type { Draft } from '../http-host/draft.ts';

/** Says what the caller wants of thinking in the one way that this host understands. */
export function applyThinking(draft: Draft, request: GenerateRequest, quirks: Quirks): void {
  const wish = readWish(request);
  if (quirks.thinking.kind === 'as-written') return;
  for (const field of thinkingFields) delete draft.body[field];
  switch (quirks.thinking.kind) {
    case 'enable_thinking':
      sayTopLevel(draft, wish, quirks.thinking);
      return;
    case 'chat_template_kwargs':
      sayTemplate(draft, wish);
      return;
    case 'reasoning_effort':
      sayEffort(draft, wish, quirks.thinking.efforts);
      return;
    case 'reasoning':
      sayReasoning(draft, wish, quirks.thinking.efforts);
      return;
    case 'none':
      if (wish.on !== undefined) draft.tell('dropped', 'enable_thinking', 'This host has no switch for thinking.');
      dropDetails(draft, wish, 'no control over how much the model thinks');
      return;
  }
}

const thinkingFields = ['enable_thinking', 'thinking_budget', 'reasoning_effort', 'preserve_thinking', 'reasoning'] as const;

type TopLevel = Extract<Quirks['thinking'], { readonly kind: 'enable_thinking' }>;

interface Wish {
  /** Undefined: the model's default. */
  readonly on: boolean | undefined;
  readonly budget: number | undefined;
  readonly effort: Exclude<Effort, 'none'> | undefined;
  readonly preserve: boolean | undefined;
}

function readWish({ thinking }: GenerateRequest): Wish {
  const { budgetTokens: budget, preserve } = thinking;
  const wanted = thinking.kind === 'unsaid' ? undefined : thinking.kind === 'on';
  if (thinking.effort === 'none') return { on: false, budget, effort: undefined, preserve };
  return { on: wanted, budget, effort: thinking.effort, preserve };
}

/** Alibaba: a budget and an effort exclude each other, and the budget is the exacter word. */
function sayTopLevel(draft: Draft, wish: Wish, { efforts, preserves }: TopLevel): void {
  const { on, budget, effort, preserve } = wish;
  if (on !== undefined) draft.body['enable_thinking'] = on;
  if (preserve !== undefined && preserves) draft.body['preserve_thinking'] = preserve;
  else if (preserve !== undefined) draft.tell('dropped', 'preserve_thinking', keepsWhatItLikes);
  if (on === false) return;
  if (budget !== undefined) draft.body['thinking_budget'] = budget;
  if (effort === undefined) return;
  if (budget !== undefined) {
    draft.tell('ignored', 'reasoning_effort', 'This host takes a thinking budget or an effort; the budget was sent.');
  } else if (efforts.length === 0) {
    draft.tell('dropped', 'reasoning_effort', 'This host measures thinking by a budget alone.');
  } else draft.body['reasoning_effort'] = fittingEffort(draft, effort, efforts);
}

/** Vercel and OpenRouter: one object for all of it. */
function sayReasoning(draft: Draft, wish: Wish, efforts: readonly Effort[]): void {
  const { on, budget, effort, preserve } = wish;
  if (preserve !== undefined) draft.tell('dropped', 'preserve_thinking', keepsWhatItLikes);
  if (on === false) {
    draft.body['reasoning'] = { enabled: false };
    return;
  }
  if (budget !== undefined && effort !== undefined) {
    draft.tell('ignored', 'reasoning_effort', 'This host takes a thinking budget or an effort; the budget was sent.');
  }
  const measure = budget === undefined ? undefined : { max_tokens: budget };
  const said = measure ?? (effort === undefined ? {} : { effort: fittingEffort(draft, effort, efforts) });
  const reasoning = { ...(on === undefined ? {} : { enabled: on }), ...said };
  if (Object.keys(reasoning).length > 0) draft.body['reasoning'] = reasoning;
}

const keepsWhatItLikes = 'This host decides itself which thoughts it keeps.';

function fittingEffort(draft: Draft, effort: Exclude<Effort, 'none'>, efforts: readonly Effort[]): Effort {
  const sent = nearest(effort, efforts);
  if (sent !== effort) draft.tell('clamped', 'reasoning_effort', `This host has no effort "${effort}"; "${sent}" was sent.`);
  return sent;
}

function sayTemplate(draft: Draft, wish: Wish): void {
  const said = draft.body['chat_template_kwargs'];
  const template: Record<string, Json> = isJsonObject(said) ? { ...said } : {};
  // Whoever names an effort or a budget wants the model to think.
  const on = wish.on ?? (wish.effort !== undefined || wish.budget !== undefined ? true : undefined);
  if (on !== undefined) template['enable_thinking'] = on;
  if (wish.preserve !== undefined) template['preserve_thinking'] = wish.preserve;
  if (Object.keys(template).length > 0) draft.body['chat_template_kwargs'] = template;
  dropDetails(draft, { ...wish, preserve: undefined }, 'a switch for thinking and no measure of it');
}

function sayEffort(draft: Draft, wish: Wish, efforts: readonly Effort[]): void {
  if (wish.preserve !== undefined) draft.tell('dropped', 'preserve_thinking', keepsWhatItLikes);
  if (wish.on === false) {
    draft.body['reasoning_effort'] = 'none';
    return;
  }
  const effort = wish.effort ?? (wish.budget === undefined ? undefined : effortOf(wish.budget));
  if (effort === undefined) {
    // Models behind such a switch think by default; an effort would be refused by models that cannot.
    if (wish.on === true) draft.tell('dropped', 'enable_thinking', 'This host has no switch for thinking but an effort.');
    return;
  }
  const sent = nearest(effort, efforts);
  draft.body['reasoning_effort'] = sent;
  if (wish.budget !== undefined)
    draft.tell('clamped', 'thinking_budget', `This host has no thinking budget; effort "${sent}" was sent.`);
  else if (sent !== effort) draft.tell('clamped', 'reasoning_effort', `This host has no effort "${effort}"; "${sent}" was sent.`);
}

function dropDetails(draft: Draft, { budget, effort, preserve }: Wish, has: string): void {
  const fields = { thinking_budget: budget, reasoning_effort: effort, preserve_thinking: preserve };
  for (const [field, value] of Object.entries(fields)) {
    if (value !== undefined) draft.tell('dropped', field, `This host has ${has}.`);
  }
}

/** Alibaba's own equation: low is 4,096 tokens, medium 16,384 (Model Studio documentation, 2026-09). */
function effortOf(budgetTokens: number): Effort {
  if (budgetTokens <= 4_096) return 'low';
  return budgetTokens <= 16_384 ? 'medium' : 'high';
}

const order: readonly Effort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/** The next lower effort that the host knows, or its lowest above: never a switch to none. */
function nearest(effort: Effort, efforts: readonly Effort[]): Effort {
  const rank = order.indexOf(effort);
  const known = efforts.filter((candidate) => candidate !== 'none').toSorted((a, b) => order.indexOf(a) - order.indexOf(b));
  return known.findLast((candidate) => order.indexOf(candidate) <= rank) ?? known[0] ?? effort;
}
