import type { GenerateRequest, Sampling, Thinking } from '../../model/request.ts';

const samplingNames = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  minP: 'min_p',
  frequencyPenalty: 'frequency_penalty',
  presencePenalty: 'presence_penalty',
  repetitionPenalty: 'repetition_penalty',
  seed: 'seed',
  stop: 'stop',
  logitBias: 'logit_bias',
} as const satisfies Readonly<Record<keyof Sampling, string>>;

/** The parameters of the chat wire that a request uses, by name. */
export function usedParameters(asked: GenerateRequest): readonly string[] {
  const { sampling, limits, thinking, form, logprobs, vision } = asked;
  const used: Readonly<Record<string, boolean>> = {
    ...Object.fromEntries(samplingKeys.map((key) => [samplingNames[key], sampling[key] !== undefined])),
    max_tokens: limits.answerTokens !== undefined,
    max_completion_tokens: limits.completionTokens !== undefined,
    tools: asked.tools.length > 0,
    tool_choice: asked.toolChoice !== undefined,
    parallel_tool_calls: asked.parallelToolCalls !== undefined,
    response_format: form.kind !== 'unsaid',
    logprobs: logprobs?.wanted === true,
    top_logprobs: logprobs?.top !== undefined,
    n: asked.answers !== undefined,
    modalities: asked.modalities !== undefined,
    audio: asked.audio !== undefined,
    prediction: asked.prediction !== undefined,
    vl_high_resolution_images: vision?.highResolutionImages !== undefined,
    ...thinkingParameters(thinking),
  };
  return Object.keys(used).filter((name) => used[name] === true);
}

const samplingKeys = [
  'temperature',
  'topP',
  'topK',
  'minP',
  'frequencyPenalty',
  'presencePenalty',
  'repetitionPenalty',
  'seed',
  'stop',
  'logitBias',
] as const;

function thinkingParameters({ kind, effort, budgetTokens, preserve }: Thinking): Readonly<Record<string, boolean>> {
  return {
    enable_thinking: kind !== 'unsaid',
    reasoning_effort: effort !== undefined,
    thinking_budget: budgetTokens !== undefined,
    preserve_thinking: preserve !== undefined,
  };
}
