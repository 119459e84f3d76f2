import type { JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { anthropicMessages } from '../../protocols/anthropic-messages/anthropic-messages.ts';
import { applyMessagesQuirks } from './apply-messages-quirks.ts';
import { fitTurns } from './fit-turns.ts';
import type { MessagesQuirks } from './messages-quirks.ts';

/**
 * A request as the body that this host takes. `limit`: tokens that the model may write, thoughts included; undefined where nobody
 * knows. Throws `unsupported_media` for a picture or document that the host cannot read. Pure.
 */
export function writeMessagesCall(
  request: GenerateRequest,
  quirks: MessagesQuirks,
  limit: number | undefined,
): { readonly body: JsonObject; readonly notices: readonly Notice[] } {
  const { turns, notices } = fitTurns(request.turns, quirks);
  const { limits, thinking, notices: cut } = fitLimits(request, limit);
  const written = anthropicMessages.client.writeRequest({ ...request, turns, limits, thinking });
  const quirked = applyMessagesQuirks(written.body, quirks);
  return { body: quirked.body, notices: [...notices, ...cut, ...written.notices, ...quirked.notices] };
}

/** Tokens that an answer is left of a model's limit beside the thoughts, where the caller said nothing of its length. */
const answerShare = 4096;

interface Measure extends Pick<GenerateRequest, 'limits' | 'thinking'> {
  readonly notices: readonly Notice[];
}

/** One limit holds for thoughts and answer together: where both are too much for the model, the thoughts are cut first. */
function fitLimits({ limits, thinking }: GenerateRequest, limit: number | undefined): Measure {
  const { answerTokens, completionTokens } = limits;
  if (limit === undefined) return { limits, thinking, notices: [] };
  const tooLong = {
    code: 'clamped',
    path: 'max_tokens',
    message: `The model writes at most ${limit} tokens, thoughts included.`,
  } as const;
  if (completionTokens !== undefined) {
    if (completionTokens <= limit) return { limits, thinking, notices: [] };
    return { limits: { ...limits, completionTokens: limit }, thinking, notices: [tooLong] };
  }
  const answer = Math.min(answerTokens ?? Math.min(answerShare, Math.floor(limit / 4)), limit);
  const notices: Notice[] = answerTokens !== undefined && answerTokens > limit ? [tooLong] : [];
  const wanted = thinking.kind === 'off' ? undefined : thinking.budgetTokens;
  const budget = wanted === undefined ? 0 : Math.min(wanted, Math.max(limit - answer, 1));
  if (wanted !== undefined && budget !== wanted) {
    const message = `The model writes at most ${limit} tokens, thoughts included; ${budget} of them are for thoughts.`;
    notices.push({ code: 'clamped', path: 'thinking_budget', message });
  }
  const together = answerTokens === undefined ? limit : Math.min(answer + budget, limit);
  const kept = budget === 0 ? thinking : { ...thinking, budgetTokens: budget };
  return { limits: { completionTokens: together }, thinking: kept, notices };
}
