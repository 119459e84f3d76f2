import type { Order } from '../catalogue/catalogue.ts';
import type { HeldTokens } from '../ledger/ledger-store.ts';
import { worstCase, worstFixed, type UsageBounds } from '../metering/worst-case.ts';
import type { NanoUsd, PriceList } from '../model/money.ts';
import type { Part, Medium } from '../model/part.ts';
import type { GenerateRequest, Tool } from '../model/request.ts';
import type { PlannedAttempt } from '../routing/plan.ts';

/**
 * Upper bounds of what a request can use, in tokens. The hold is made from them, so each must be a true bound: a token of a
 * byte-level vocabulary is at least one byte, so text costs at most its UTF-8 bytes and what the template adds.
 */
export interface TokenBounds {
  readonly input: number;
  /** Answers without their thinking, over all answers of the request. */
  readonly output: number;
  readonly thinking: number;
}

/** Tokens that a chat template adds around one turn: role, markers, newlines. The Qwen3.5 template adds at most 9. */
const tokensAroundTurn = 16;
/** Tokens of the template's own text: the tool instructions of the Qwen3.5 template are the longest part, below 400. */
const tokensAroundPrompt = 512;
/** The dearest picture of the family: high resolution, 16,384 blocks of 32 x 32 pixels and 2 markers (Model Studio, 2026-09). */
const tokensOfImage = 16_386;

function tokenBounds({ request, limits }: Pick<PlannedAttempt, 'request' | 'limits'>): TokenBounds {
  const inputLimit = limits.input ?? limits.context;
  // money: counts tokens
  const input = Math.min(limits.isAssumed === true ? Number.POSITIVE_INFINITY : inputLimit, inputBound(request, inputLimit));
  const answers = request.answers ?? 1;
  const { answerTokens, completionTokens } = request.limits;
  const answer = answerTokens ?? limits.output;
  const thinking = request.thinking.kind === 'off' ? 0 : (request.thinking.budgetTokens ?? limits.thinking ?? 0);
  const together = completionTokens ?? Number.POSITIVE_INFINITY;
  // money: counts tokens
  return { input, output: Math.min(answer, together) * answers, thinking: Math.min(thinking, together) * answers };
}

/** Tokens that the input of a request can have at most. `inputLimit` stands for what only its host can count. */
export function inputBound(request: GenerateRequest, inputLimit: number): number {
  let tokens = tokensAroundPrompt;
  for (const turn of request.turns) {
    tokens += tokensAroundTurn + bytes(turn.name);
    for (const part of turn.parts) tokens += partBound(part, inputLimit);
  }
  for (const tool of request.tools) tokens += toolBound(tool);
  if (request.form.kind === 'schema') tokens += bytes(JSON.stringify(request.form));
  return tokens;
}

function partBound(part: Part, inputLimit: number): number {
  switch (part.kind) {
    case 'text':
    case 'refusal':
    case 'reasoning':
      return bytes(part.text);
    case 'media':
      return mediumBound(part.medium, inputLimit) + bytes(part.transcript);
    case 'tool-call':
      // The template writes one tag a parameter; each tag is shorter than the JSON punctuation and the key doubled.
      return 64 + bytes(part.name) + 2 * bytes(part.argumentsText);
    case 'tool-result':
      return part.parts.reduce((sum, inner) => sum + partBound(inner, inputLimit), tokensAroundTurn);
    case 'opaque':
      return bytes(JSON.stringify(part.value));
  }
}

/** A clip or a document is bounded by the model's input limit only: its length is not known before it is fetched. */
function mediumBound(medium: Medium, inputLimit: number): number {
  return medium === 'image' ? tokensOfImage : inputLimit;
}

function toolBound(tool: Tool): number {
  // Templates write JSON with a space after each colon and comma, which at most doubles the text of a schema.
  return tokensAroundTurn + bytes(tool.name) + bytes(tool.description) + 2 * bytes(JSON.stringify(tool.parameters ?? {}));
}

function bytes(text: string | undefined): number {
  return text === undefined ? 0 : Buffer.byteLength(text);
}

export interface HoldBounds {
  /** What a request can cost at most, at the dearest of the hosts that may answer it. */
  readonly amount: NanoUsd;
  /** The part of it that is tokens; absent where nothing of it is. */
  readonly tokens?: HeldTokens;
}

export function holdBounds(order: Order, planned: readonly PlannedAttempt[]): HoldBounds {
  const bounded = planned.map(boundedAttempt);
  const amount = dearest(bounded, ({ limits, priceList }) => worstCase(limits, priceList));
  const fixed = dearest(bounded, ({ limits, priceList }) => worstFixed(limits, priceList));
  if (amount === fixed) return { amount };
  // money: counts tokens
  const count = Math.max(...bounded.map(({ tokens }) => tokensOf(tokens)));
  return { amount, tokens: { count, amount: amount - fixed, model: order.model.id } };
}

/** The most tokens of output, thinking included, whose worst case costs no more than `available`; 0 where none do. */
export function mostOutput(planned: readonly PlannedAttempt[], available: NanoUsd): number {
  const bounded = planned.map(boundedAttempt);
  const fits = (tokens: number): boolean =>
    dearest(bounded, ({ limits, priceList }) =>
      worstCase({ ...limits, maxOutputTokens: tokens, maxThinkingTokens: 0 }, priceList),
    ) <= available;
  if (!fits(0)) return 0;
  // money: counts tokens
  let [fitting, tooMany] = [0, Math.max(...bounded.map(({ tokens: { output, thinking } }) => output + thinking)) + 1];
  while (tooMany - fitting > 1) {
    // money: counts tokens
    const middle = Math.floor((fitting + tooMany) / 2);
    if (fits(middle)) fitting = middle;
    else tooMany = middle;
  }
  // Every answer of the request has the limit for itself.
  // money: counts answers
  const answers = Math.max(...planned.map(({ request }) => request.answers ?? 1));
  // money: counts tokens
  return Math.floor(fitting / answers);
}

/** An attempt with its bounds, which are made once: all of its text is read for them. */
interface BoundedAttempt {
  readonly priceList: PriceList;
  readonly tokens: TokenBounds;
  readonly limits: UsageBounds;
}

function boundedAttempt(attempt: PlannedAttempt): BoundedAttempt {
  const tokens = tokenBounds(attempt);
  const { input, output, thinking } = tokens;
  const toolCaps = toolCapsOf(attempt.request);
  const limits = { inputTokens: input, maxOutputTokens: output, maxThinkingTokens: thinking, toolCaps };
  return { priceList: attempt.priceList, tokens, limits };
}

function tokensOf({ input, output, thinking }: TokenBounds): number {
  return input + output + thinking;
}

/**
 * Calls of each tool that a host runs by itself for one answer. No host says how many it makes at most; this many are held for, and
 * what a host bills beyond them is charged as far as the hold reaches, and alarmed.
 */
const mostToolCalls = 10;

function toolCapsOf({ serverTools = {}, answers = 1 }: GenerateRequest): Readonly<Record<string, number>> {
  const switchedOn = Object.entries(serverTools).filter(([, isOn]) => isOn);
  return Object.fromEntries(switchedOn.map(([name]) => [name, mostToolCalls * answers]));
}

function dearest(bounded: readonly BoundedAttempt[], costOf: (attempt: BoundedAttempt) => NanoUsd): NanoUsd {
  return bounded.map(costOf).reduce((most, cost) => (cost > most ? cost : most), 0n);
}
