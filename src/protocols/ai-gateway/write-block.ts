import type { Json, JsonObject } from '../../model/json.ts';
import type { MediaPart, OpaquePart, RefusalPart, TextPart } from '../../model/part.ts';
import { withCarried } from '../wire/carried.ts';
import { writeLogprobs } from '../wire/logprobs.ts';
import { wire } from '../wire/said.ts';
import type { Notices } from '../wire/notices.ts';
import type { Specification } from './specification.ts';
import { mediaWords, writeFiles } from './write-file.ts';
import { writeWords } from './words.ts';

/** What the writers of one prompt share. */
export interface Writing {
  readonly version: Specification;
  readonly notices: Notices;
  /** Names of the tool calls so far, by id. */
  readonly names: Map<string, string>;
}

/** A part that messages and tool results hold alike. A part without a form here gives none, a list of pictures several. */
export function writeBlock(
  part: TextPart | RefusalPart | MediaPart | OpaquePart,
  path: string,
  { version, notices }: Writing,
): readonly Json[] {
  switch (part.kind) {
    case 'text':
      if (part.citations !== undefined) notices.dropped(path, 'A prompt has no citations; the text is kept.');
      return [writeText(part, undefined, path, notices)];
    case 'refusal':
      return [writeText(part, true, path, notices)];
    case 'media': {
      const carried = notices.own(part.carry, path);
      const options = writeWords(part, mediaWords(part));
      return writeFiles(part, path, version, notices).map((file) =>
        withCarried(wire({ ...file, providerOptions: options }), carried),
      );
    }
    case 'opaque':
      if (part.protocol === 'ai-gateway') return [part.value];
      notices.dropped(path, `The gateway protocol has no place for this block of ${part.protocol}.`);
      return [];
  }
}

function writeText(part: TextPart | RefusalPart, refusal: true | undefined, path: string, notices: Notices): JsonObject {
  const logprobs = part.logprobs === undefined ? undefined : writeLogprobs(part.logprobs, [])['content'];
  const written = wire({
    type: 'text',
    text: part.text,
    providerOptions: writeWords(part, { flashmux: { refusal, logprobs } }),
  });
  return withCarried(written, notices.own(part.carry, path));
}
