import type { Feature } from '../model/capability.ts';
import { FlashmuxError } from '../model/fault.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { OfferedModel } from './offered-model.ts';

interface Demand {
  readonly feature: Feature;
  readonly param: string;
  readonly what: string;
  readonly isMade: (request: GenerateRequest) => boolean;
}

const demands: readonly Demand[] = [
  { feature: 'tools', param: 'tools', what: 'calls no tools', isMade: ({ tools }) => tools.length > 0 },
  { feature: 'json', param: 'response_format', what: 'has no JSON mode', isMade: ({ form }) => form.kind === 'json' },
  { feature: 'schema', param: 'response_format', what: 'holds no JSON schema', isMade: ({ form }) => form.kind === 'schema' },
  { feature: 'logprobs', param: 'logprobs', what: 'tells no logprobs', isMade: ({ logprobs }) => logprobs?.wanted === true },
  { feature: 'answers', param: 'n', what: 'gives one answer at a time', isMade: ({ answers = 1 }) => answers > 1 },
];

/**
 * Refuses what the model cannot do at all (`unsupported_value`), and halves of a wish that only mean something together
 * (`invalid_request`), each with its path.
 */
export function checkFeatures(request: GenerateRequest, offered: OfferedModel): void {
  const { features } = offered.model.capabilities;
  if (features.includes('embeddings')) {
    const message = `${offered.label} answers with vectors. Ask it at POST /v1/embeddings.`;
    throw new FlashmuxError('unsupported_value', message, { param: 'model' });
  }
  for (const { feature, param, what, isMade } of demands) {
    if (isMade(request) && !features.includes(feature)) {
      throw new FlashmuxError('unsupported_value', `${offered.label} ${what}. Leave ${param} out.`, { param });
    }
  }
  checkLogprobs(request);
  checkModalities(request, offered);
}

function checkLogprobs({ logprobs }: GenerateRequest): void {
  if (logprobs === undefined || logprobs.wanted || (logprobs.top ?? 0) === 0) return;
  throw new FlashmuxError('invalid_request', 'top_logprobs needs logprobs: true.', { param: 'top_logprobs' });
}

function checkModalities({ modalities = [], audio }: GenerateRequest, offered: OfferedModel): void {
  if (!modalities.includes('audio')) return;
  if (!offered.model.capabilities.output.includes('audio')) {
    const message = `${offered.label} answers in text only. Leave modalities out or set it to ["text"].`;
    throw new FlashmuxError('unsupported_value', message, { param: 'modalities' });
  }
  if (audio === undefined) {
    const message = 'An answer in audio needs the audio parameter: {"format": "wav", "voice": "..."}.';
    throw new FlashmuxError('invalid_request', message, { param: 'audio' });
  }
}
