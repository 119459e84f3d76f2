import type { Quirks } from './quirks.ts';

/**
 * Parameters of chat completions by which requests differ: those that a caller may want a host to know. Not among them are limits,
 * which every host has under one name or the other, and what `guaranteed` does where a host cannot.
 */
const parameters = [
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'frequency_penalty',
  'presence_penalty',
  'repetition_penalty',
  'seed',
  'stop',
  'logit_bias',
  'n',
  'logprobs',
  'top_logprobs',
  'tools',
  'modalities',
  'audio',
  'prediction',
] as const;

/** Those of them that a host does not have for one of its models. */
export function missingParameters(quirks: Quirks, upstreamModel: string): readonly string[] {
  const absent = new Set([...quirks.missingFields, ...(quirks.models?.[upstreamModel]?.missingFields ?? [])]);
  const shape = quirks.request;
  const known = typeof shape === 'object' && shape.kind === 'object' ? new Set(Object.keys(shape.fields)) : undefined;
  return parameters.filter((name) => absent.has(name) || (known !== undefined && !known.has(name)));
}
