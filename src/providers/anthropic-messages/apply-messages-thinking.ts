import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import type { Draft } from '../http-host/draft.ts';
import type { MessagesQuirks, MessagesThinking } from './messages-quirks.ts';

/** Says what the caller wants of thinking as this host understands it, and settles what cannot be had beside it. */
export function applyMessagesThinking(draft: Draft, { thinking }: Pick<MessagesQuirks, 'thinking'>): void {
  switch (thinking.kind) {
    case 'chat_template_kwargs':
      sayTemplate(draft);
      return;
    case 'thinking':
      sayThinking(draft, thinking);
      return;
    case 'none':
      if (isOn(draft)) draft.tell('dropped', 'enable_thinking', 'This host has no switch for thinking.');
      delete draft.body['thinking'];
      return;
  }
}

function sayTemplate(draft: Draft): void {
  const { thinking, chat_template_kwargs: said } = draft.body;
  delete draft.body['thinking'];
  if (!isJsonObject(thinking)) return;
  const template = isJsonObject(said) ? said : {};
  draft.body['chat_template_kwargs'] = { ...template, enable_thinking: thinking['type'] !== 'disabled' };
  if (thinking['budget_tokens'] !== undefined)
    draft.tell('dropped', 'thinking_budget', 'This host has a switch for thinking and no measure of it.');
}

function sayThinking(draft: Draft, rules: Extract<MessagesThinking, { kind: 'thinking' }>): void {
  fitBudget(draft, rules);
  if (!isOn(draft)) return;
  if (rules.excludes.includes('forced choice') && isForced(draft.body['tool_choice'])) {
    switchOff(draft, 'This host forces no call of a tool while the model thinks, so thinking was switched off.');
    return;
  }
  if (rules.wantsItsThoughts && typeOf(draft.body['thinking']) === 'enabled' && goesOnWithoutThought(draft)) {
    switchOff(draft, 'The calls that these results belong to came without a thought of this host, so thinking was switched off.');
    return;
  }
  if (rules.excludes.includes('sampling')) dropSampling(draft);
}

/** A budget lies between the host's smallest and the limit of the whole output; where there is no room for one, nothing is thought. */
function fitBudget(draft: Draft, { adaptive, minBudgetTokens = 1 }: Extract<MessagesThinking, { kind: 'thinking' }>): void {
  const thinking = draft.body['thinking'];
  if (!isJsonObject(thinking) || !isOn(draft) || (thinking['type'] === 'adaptive' && adaptive)) return;
  const room = limitOf(draft) - 1;
  // Without a budget the model may think as long as the limit lets it.
  const wanted = typeof thinking['budget_tokens'] === 'number' ? thinking['budget_tokens'] : room;
  if (room < minBudgetTokens) {
    switchOff(draft, `Thinking takes at least ${minBudgetTokens} tokens here, and max_tokens is ${room + 1}.`);
    return;
  }
  const budget = Math.min(Math.max(wanted, minBudgetTokens), room);
  draft.body['thinking'] = { ...thinking, type: 'enabled', budget_tokens: budget };
  if (budget !== wanted)
    draft.tell('clamped', 'thinking_budget', `${wanted} is outside of what this host takes; ${budget} was sent.`);
}

function limitOf({ body }: Draft): number {
  return typeof body['max_tokens'] === 'number' ? body['max_tokens'] : Number.POSITIVE_INFINITY;
}

function isOn({ body }: Draft): boolean {
  const type = typeOf(body['thinking']);
  return type === 'enabled' || type === 'adaptive';
}

function typeOf(value: Json | undefined): Json | undefined {
  return isJsonObject(value) ? value['type'] : undefined;
}

function isForced(choice: Json | undefined): boolean {
  return typeOf(choice) === 'any' || typeOf(choice) === 'tool';
}

function switchOff(draft: Draft, message: string): void {
  draft.body['thinking'] = { type: 'disabled' };
  draft.tell('clamped', 'enable_thinking', message);
}

/** Whether the last message brings results of calls that were made in an answer that begins with no thought. */
function goesOnWithoutThought({ body }: Draft): boolean {
  const messages = isList(body['messages']) ? body['messages'].filter(isJsonObject) : [];
  const last = messages.findLastIndex(({ role }) => role === 'assistant');
  const after = messages.slice(last + 1).flatMap(blocksOf);
  if (!after.some((block) => block['type'] === 'tool_result')) return false;
  const [first] = blocksOf(messages[last] ?? {});
  return first?.['type'] !== 'thinking' && first?.['type'] !== 'redacted_thinking';
}

function blocksOf({ content }: JsonObject): readonly JsonObject[] {
  return isList(content) ? content.filter(isJsonObject) : [];
}

function dropSampling(draft: Draft): void {
  const why = 'This host does not take it while the model thinks.';
  if (draft.body['temperature'] !== 1) draft.drop('temperature', why);
  draft.drop('top_k', why);
  const topP = draft.body['top_p'];
  if (typeof topP !== 'number' || topP >= leastTopP) return;
  draft.body['top_p'] = leastTopP;
  draft.tell('clamped', 'top_p', `This host takes ${leastTopP} to 1 while the model thinks; ${leastTopP} was sent.`);
}

/** Anthropic's guide to extended thinking, 2026-11. */
const leastTopP = 0.95;

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
