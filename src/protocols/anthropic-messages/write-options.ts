import type { Json, JsonObject } from '../../model/json.ts';
import type { AnswerForm, Effort, GenerateRequest, Thinking } from '../../model/request.ts';
import { wire } from '../wire/said.ts';
import type { Notices } from '../wire/notices.ts';
import { formName } from './read-options.ts';

/** Tokens. The wire wants a limit, and this is what @ai-sdk/anthropic says for models that it does not know. */
const assumedTokens = 4096;

/** Thinking counts into the limit on this wire, so a limit of the answer alone makes room for the budget. */
export function writeLimit({ limits, thinking }: GenerateRequest, notices: Notices): number {
  const { answerTokens, completionTokens } = limits;
  if (completionTokens !== undefined) {
    if (answerTokens !== undefined)
      notices.dropped('max_tokens', 'Anthropic Messages have one limit, of thinking and answer together.');
    return completionTokens;
  }
  if (answerTokens === undefined) {
    notices.add('clamped', 'max_tokens', `Anthropic Messages want a limit and none was said; ${assumedTokens} is assumed.`);
    return assumedTokens + (thinking.budgetTokens ?? 0);
  }
  const limit = answerTokens + (thinking.kind === 'off' ? 0 : (thinking.budgetTokens ?? 0));
  notices.add('clamped', 'max_tokens', `Anthropic Messages limit thinking and answer together: max_tokens is ${limit}.`);
  return limit;
}

/** `thinking`: what has no word is told in a notice, because a caller pays for thoughts. */
export function writeThinking(thinking: Thinking, maxTokens: number, notices: Notices): JsonObject | undefined {
  const { budgetTokens: budget, effort, preserve } = thinking;
  if (preserve !== undefined) notices.dropped('preserve_thinking', 'Anthropic Messages keep thoughts as the host likes.');
  if (thinking.kind === 'off' || (thinking.kind === 'unsaid' && effort === 'none')) {
    if (budget !== undefined) notices.dropped('thinking_budget', 'Anthropic Messages have no budget for thinking that is off.');
    return { type: 'disabled' };
  }
  if (budget === undefined) return thinking.kind === 'on' ? { type: 'adaptive' } : undefined;
  if (thinking.kind === 'unsaid')
    notices.add('moved', 'thinking_budget', 'Anthropic Messages have a budget only where thinking is on.');
  const room = maxTokens - 1;
  if (budget <= room) return { type: 'enabled', budget_tokens: budget };
  notices.add('clamped', 'thinking_budget', `Anthropic Messages want a budget below max_tokens (${maxTokens}).`);
  return room > 0 ? { type: 'enabled', budget_tokens: room } : { type: 'adaptive' };
}

export function writeConfig({ thinking, form }: GenerateRequest, notices: Notices): JsonObject | undefined {
  const config = wire({ effort: effortOf(thinking.effort, notices), format: writeForm(form, notices) });
  return Object.keys(config).length === 0 ? undefined : config;
}

function effortOf(effort: Effort | undefined, notices: Notices): Json | undefined {
  switch (effort) {
    case 'minimal':
      notices.add('clamped', 'reasoning_effort', 'Anthropic Messages begin at low effort.');
      return 'low';
    case 'none':
      notices.add('moved', 'reasoning_effort', 'Anthropic Messages say no effort by switching thinking off.');
      return undefined;
    case undefined:
    case 'low':
    case 'medium':
    case 'high':
    case 'xhigh':
    case 'max':
      return effort;
  }
}

function writeForm(form: AnswerForm, notices: Notices): JsonObject | undefined {
  const path = 'response_format';
  switch (form.kind) {
    case 'unsaid':
    case 'plain':
      return undefined;
    case 'json':
      notices.dropped(path, 'Anthropic Messages have no JSON mode without a schema.');
      return undefined;
    case 'schema': {
      if (form.schema === undefined) {
        notices.dropped(path, 'Anthropic Messages want the schema of a form.');
        return undefined;
      }
      if (form.description !== undefined) notices.dropped(path, 'Anthropic Messages have no description of a form.');
      if (form.strict !== true) notices.add('clamped', path, 'A form of Anthropic Messages is always strict.');
      if (form.name !== formName) notices.dropped(path, 'Anthropic Messages have no name of a form.');
      return { type: 'json_schema', schema: form.schema };
    }
  }
}

/** Words of the request that this wire does not have, with the names that callers know them by. */
export function noteUnsayable(request: GenerateRequest, notices: Notices): void {
  const { sampling, answers, logprobs, modalities, audio, vision, prediction, plainCitations, delivery } = request;
  const wishes: Readonly<Record<string, unknown>> = {
    min_p: sampling.minP,
    frequency_penalty: sampling.frequencyPenalty,
    presence_penalty: sampling.presencePenalty,
    repetition_penalty: sampling.repetitionPenalty,
    seed: sampling.seed,
    logit_bias: sampling.logitBias,
    n: answers,
    logprobs,
    modalities,
    audio,
    vl_high_resolution_images: vision?.highResolutionImages,
    max_pixels: vision?.maxPixels,
    video_fps: vision?.framesPerSecond,
    treat_images_as_video: vision?.imagesAsVideo,
    prediction,
    disable_formatting: plainCitations,
    stream_options: delivery.kind === 'stream' ? delivery.carry : undefined,
  };
  for (const [name, value] of Object.entries(wishes)) {
    if (value !== undefined) notices.dropped(name, `Anthropic Messages have no ${name}.`);
  }
}
