import { FlashmuxError } from '../model/fault.ts';
import type { Json } from '../model/json.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { OfferedModel } from './offered-model.ts';
import { rangeComplaint } from './range-complaint.ts';

/** Where each parameter of the chat dialect stands in a request. Those without a range are not in the table. */
const ranged: Readonly<Record<string, (request: GenerateRequest) => Json | undefined>> = {
  temperature: ({ sampling }) => sampling.temperature,
  top_p: ({ sampling }) => sampling.topP,
  top_k: ({ sampling }) => sampling.topK,
  min_p: ({ sampling }) => sampling.minP,
  frequency_penalty: ({ sampling }) => sampling.frequencyPenalty,
  presence_penalty: ({ sampling }) => sampling.presencePenalty,
  repetition_penalty: ({ sampling }) => sampling.repetitionPenalty,
  seed: ({ sampling }) => sampling.seed,
  stop: ({ sampling }) => sampling.stop,
  logit_bias: ({ sampling }) => sampling.logitBias,
  max_tokens: ({ limits }) => limits.answerTokens,
  max_completion_tokens: ({ limits }) => limits.completionTokens,
  n: ({ answers }) => answers,
  top_logprobs: ({ logprobs }) => logprobs?.top,
  tools: ({ tools }) => tools.map(() => null),
  audio: ({ audio }) => (audio === undefined ? undefined : { format: audio.format }),
  thinking_budget: ({ thinking }) => thinking.budgetTokens,
  reasoning_effort: ({ thinking }) => thinking.effort,
  max_pixels: ({ vision }) => vision?.maxPixels,
  video_fps: ({ vision }) => vision?.framesPerSecond,
};

const readers = Object.entries(ranged);

/**
 * Refuses the first parameter that is outside the range of this model or variant: `invalid_request` with its wire path and the
 * accepted range. Nothing is clamped: a caller who asks for what the page excludes should know, and so should their bill.
 */
export function checkParameters(request: GenerateRequest, offered: OfferedModel): void {
  for (const [name, read] of readers) requireInRange(name, name, read(request), offered);
}

/** The same check for a value that stands elsewhere than the parameter, such as a sibling of one picture. */
export function requireInRange(name: string, path: string, value: Json | undefined, offered: OfferedModel): void {
  const parameter = value === undefined ? undefined : offered.parameter(name);
  if (value === undefined || parameter === undefined) return;
  const complaint = rangeComplaint(value, parameter.schema);
  if (complaint === undefined) return;
  const param = path + complaint.path;
  throw new FlashmuxError('invalid_request', `${param} ${complaint.fault}; ${offered.label} takes ${complaint.accepted}.`, {
    param,
  });
}
