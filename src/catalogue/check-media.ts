import { FlashmuxError } from '../model/fault.ts';
import type { MediaPart, Part } from '../model/part.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { Role } from '../model/turn.ts';
import { requireInRange } from './check-parameters.ts';
import type { OfferedModel } from './offered-model.ts';

/**
 * Refuses media that the model does not take: `unsupported_media` with the path of the part. Also checks the sizes and rates
 * that stand beside a single picture or video.
 */
export function checkMedia(request: GenerateRequest, offered: OfferedModel): void {
  for (const [number, turn] of request.turns.entries()) checkParts(turn.parts, `messages[${number}]`, turn.role, offered);
}

function checkParts(parts: readonly Part[], turnPath: string, role: Role, offered: OfferedModel): void {
  for (const [number, part] of parts.entries()) {
    // A tool message is one result whose parts are the content; the parts of an assistant message are spread over its fields.
    if (part.kind === 'tool-result') checkParts(part.parts, turnPath, 'tool', offered);
    if (part.kind === 'media') checkMedium(part, role === 'assistant' ? turnPath : `${turnPath}.content[${number}]`, offered);
  }
}

function checkMedium(part: MediaPart, path: string, offered: OfferedModel): void {
  const { input } = offered.model.capabilities;
  if (!input.includes(part.medium)) {
    const message = `${offered.label} takes ${spoken(input)} and no ${part.medium}. GET /v1/models lists what each model takes.`;
    throw new FlashmuxError('unsupported_media', message, { param: path });
  }
  requireInRange('video_fps', `${path}.fps`, part.framesPerSecond, offered);
  requireInRange('max_pixels', `${path}.max_pixels`, part.maxPixels, offered);
}

function spoken(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
