import type { Answer, Choice } from '../../model/answer.ts';
import type { JsonObject, Json } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { Envelope } from '../codec.ts';
import { withCarried } from '../wire/carried.ts';
import { wire } from '../wire/said.ts';
import { carriedAt, writeMetadata } from './answer-metadata.ts';
import { writeFinishReason } from './finish-reason.ts';
import type { Specification } from './specification.ts';
import { writeUsage } from './usage.ts';
import { writeWarning } from './warnings.ts';
import { writeCall, writeMedia, writeReasoning, writeSource, writeText } from './write-part.ts';

/** The whole reply: the result of `doGenerate`, which the client hands on as it is. Its parts keep their order. */
export function writeAnswer(
  answer: Answer,
  envelope: Envelope,
  version: Specification,
  request: GenerateRequest | undefined,
): JsonObject {
  const [choice = { parts: [] }, ...others] = answer.choices;
  const told: Notice[] = [...answer.notices];
  if (others.length > 0) told.push(oneAnswer);
  const format = request?.audio?.format;
  const content = writeContent(choice, answer, { version, told, ...(format === undefined ? {} : { format }) });
  const model = answer.model ?? envelope.model;
  const provider = answer.provider ?? envelope.provider;
  const { usage, bill } = answer;
  const written = wire({
    content,
    finishReason: writeFinishReason(choice),
    usage: writeUsage(usage, bill),
    warnings: told.map(writeWarning),
    providerMetadata: writeMetadata(
      { envelope, request, model, provider, attempts: answer.attempts, bill, choice, lateNotices: [] },
      carriedAt(answer.carried, 'providerMetadata'),
    ),
    response: writeResponse(envelope, model, provider),
  });
  return withCarried(written, carriedAt(answer.carried, 'body'));
}

export const oneAnswer: Notice = {
  code: 'dropped',
  path: 'n',
  message: 'The gateway protocol has one answer a call; this is the first.',
};

/** `timestamp` is a Date for readers of the client: it makes one of this text. */
export function writeResponse({ id, createdAt }: Envelope, modelId: string, provider: string | undefined): JsonObject {
  return wire({ id, timestamp: new Date(createdAt * 1000).toISOString(), modelId, provider });
}

interface Saying {
  readonly version: Specification;
  readonly told: Notice[];
  readonly format?: string;
}

function writeContent({ parts }: Choice, { carried }: Answer, saying: Saying): readonly Json[] {
  let sources = 0;
  return parts.flatMap((part, index): readonly Json[] => {
    const late = carriedAt(carried, `content[${index}]`);
    if (part.kind !== 'text') return writePart(part, index, late, saying);
    const cited = (part.citations ?? []).map((citation) => writeSource(citation, sourceId(sources++), saying.version));
    return [writeText(part, saying.version, cited, late), ...cited];
  });
}

export function sourceId(number: number): string {
  return `source-${number}`;
}

function writePart(part: Exclude<Part, { kind: 'text' }>, index: number, late: JsonObject, saying: Saying): readonly Json[] {
  switch (part.kind) {
    case 'refusal':
      return [writeText(part, saying.version, [], late)];
    case 'reasoning':
      return [writeReasoning(part, late)];
    case 'tool-call':
      return [writeCall(part, late)];
    case 'media':
      return [writeMedia(part, saying.version, saying.format, late)];
    case 'opaque':
      if (part.protocol === 'ai-gateway') return [part.value];
      saying.told.push(unsayable(part.protocol, index));
      return [];
    case 'tool-result':
      // A model does not say tool results.
      return [];
  }
}

export function unsayable(protocol: string, index: number): Notice {
  const message = `The gateway protocol has no place for this block of ${protocol}.`;
  return { code: 'dropped', path: `content[${index}]`, message };
}
