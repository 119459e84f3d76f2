import type { Order } from '../catalogue/catalogue.ts';
import { worstCase } from '../metering/worst-case.ts';
import type { NanoUsd } from '../model/money.ts';
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

export function tokenBounds(order: Order): TokenBounds {
  const { request, limits } = order;
  const inputLimit = limits.input ?? limits.context;
  const input = Math.min(inputLimit, inputBound(request, inputLimit));
  const answers = request.answers ?? 1;
  const { answerTokens, completionTokens } = request.limits;
  const answer = answerTokens ?? limits.output;
  const thinking = request.thinking.kind === 'off' ? 0 : (request.thinking.budgetTokens ?? limits.thinking ?? 0);
  const together = completionTokens ?? Number.POSITIVE_INFINITY;
  return { input, output: Math.min(answer, together) * answers, thinking: Math.min(thinking, together) * answers };
}

function inputBound(request: GenerateRequest, inputLimit: number): number {
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

/** What a request can cost at most, at the dearest of the hosts that may answer it. */
export function holdAmount(order: Order, planned: readonly PlannedAttempt[]): NanoUsd {
  const { input, output, thinking } = tokenBounds(order);
  const limits = { inputTokens: input, maxOutputTokens: output, maxThinkingTokens: thinking, toolCaps: {} };
  let highest = 0n;
  for (const { priceList } of planned) {
    const amount = worstCase(limits, priceList);
    if (amount > highest) highest = amount;
  }
  return highest;
}
