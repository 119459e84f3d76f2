import type { Answer, Choice } from '../../model/answer.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { TextPart, TokenLogprob } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Envelope } from '../codec.ts';
import { writeFinishReason } from '../openai-chat/finish-reason.ts';
import { wire } from '../wire/said.ts';
import { writeNotice } from '../wire/notice-objects.ts';
import { writeMeta, writeUsage } from '../openai-chat/write-usage.ts';
import { echoOf } from './echo.ts';

/** The whole reply of a completion. Only text has a place in it: a thought, which is asked for by nobody, is left out. */
export function writeCompletion(answer: Answer, envelope: Envelope, request?: GenerateRequest): JsonObject {
  const { usage, bill, notices } = answer;
  return wire({
    id: envelope.id,
    object: 'text_completion',
    created: envelope.createdAt,
    model: answer.model ?? envelope.model,
    provider: answer.provider ?? envelope.provider,
    system_fingerprint: null,
    choices: kept(answer.choices, request).map((choice, index) => writeChoice(choice, index, request)),
    usage: usage === undefined ? undefined : writeUsage(usage, bill),
    meta: bill === undefined ? undefined : writeMeta(bill, envelope.creditsPerUsd),
    notices: notices.length === 0 ? undefined : notices.map(writeNotice),
  });
}

/** Of the answers to each prompt the likeliest, by the mean probability of their tokens. */
function kept(choices: readonly Choice[], request: GenerateRequest | undefined): readonly Choice[] {
  const keep = request?.continues?.keep;
  if (keep === undefined) return choices;
  const group = request?.answers ?? 1;
  return Array.from({ length: Math.ceil(choices.length / group) }, (_, prompt) =>
    choices
      .slice(prompt * group, (prompt + 1) * group)
      .toSorted((one, other) => likelihood(other) - likelihood(one))
      .slice(0, keep),
  ).flat();
}

/** An answer without figures is the least likely. */
function likelihood(choice: Choice): number {
  const logprobs = textsOf(choice).flatMap((part) => part.logprobs ?? []);
  if (logprobs.length === 0) return Number.NEGATIVE_INFINITY;
  return logprobs.reduce((sum, { logprob }) => sum + logprob, 0) / logprobs.length;
}

function writeChoice(choice: Choice, index: number, request: GenerateRequest | undefined): JsonObject {
  const parts = textsOf(choice);
  const logprobs = request?.continues?.hidesLogprobs === true ? [] : parts.flatMap((part) => part.logprobs ?? []);
  return {
    text: echoOf(request, index) + parts.map(({ text }) => text).join(''),
    index,
    logprobs: logprobs.length === 0 ? null : writeCompletionLogprobs(logprobs, 0),
    finish_reason: choice.reason === undefined ? null : writeFinishReason(choice.reason),
  };
}

function textsOf({ parts }: Choice): readonly Pick<TextPart, 'text' | 'logprobs'>[] {
  return parts.filter((part) => part.kind === 'text' || part.kind === 'refusal');
}

/** `offset`: characters of the text before these tokens. */
export function writeCompletionLogprobs(logprobs: readonly TokenLogprob[], offset: number): JsonObject {
  const offsets: number[] = [];
  let at = offset;
  for (const { token } of logprobs) {
    offsets.push(at);
    at += token.length;
  }
  return {
    tokens: logprobs.map(({ token }) => token),
    token_logprobs: logprobs.map(({ logprob }) => logprob),
    top_logprobs: logprobs.map(({ top }): Json => Object.fromEntries(top.map(({ token, logprob }) => [token, logprob]))),
    text_offset: offsets,
  };
}
