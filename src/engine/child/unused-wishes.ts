import type { Notice } from '../../model/notice.ts';
import type { GenerateRequest } from '../../model/request.ts';

const textOnly = 'The local engine reads and writes text only; it has no effect.';

/** What the caller said and this engine has no use for: one notice each, at the first place where it was said. */
export function unusedWishes(request: GenerateRequest): readonly Notice[] {
  const { serverTools = {}, vision = {}, thinking, audio, prediction, plainCitations, carry } = request;
  const said: readonly (readonly [path: string | undefined, message: string])[] = [
    ...Object.entries(serverTools).map(
      ([name, wanted]) => [wanted ? `tool_${name}` : undefined, 'The local engine has no server-side tools; none ran.'] as const,
    ),
    [vision.highResolutionImages === undefined ? undefined : 'vl_high_resolution_images', textOnly],
    [vision.maxPixels === undefined ? undefined : 'max_pixels', textOnly],
    [vision.framesPerSecond === undefined ? undefined : 'video_fps', textOnly],
    [vision.imagesAsVideo === true ? 'treat_images_as_video' : undefined, textOnly],
    [audio === undefined ? undefined : 'audio', textOnly],
    [prediction === undefined ? undefined : 'prediction', 'The local engine writes every token itself; it has no effect.'],
    [plainCitations === true ? 'disable_formatting' : undefined, 'The local engine cites nothing; it has no effect.'],
    [
      thinking.preserve === undefined ? undefined : 'preserve_thinking',
      "The model's own chat template decides which earlier thinking it sees; it has no effect.",
    ],
    [
      thinking.budgetTokens === undefined && (thinking.effort ?? 'none') !== 'none' ? 'reasoning_effort' : undefined,
      'The local engine measures thinking in tokens; say thinking_budget.',
    ],
    [nameOf(request), 'The chat template has no place for the names of participants.'],
    [toolMarkOf(request), 'The local engine caches tools with the first message that is marked; a mark on a tool has no effect.'],
    [strictOf(request), 'Calls are held to their schema where tool_choice asks for one; a call by choice may differ.'],
    ...Object.keys(carry?.fields ?? {}).map((field) => [field, 'The local engine does not know this field.'] as const),
  ];
  return said.flatMap(([path, message]) => (path === undefined ? [] : [{ code: 'ignored', path, message } as const]));
}

function nameOf({ turns }: GenerateRequest): string | undefined {
  // A tool message says with its name what its call says already.
  const index = turns.findIndex(({ name, role }) => name !== undefined && role !== 'tool');
  return index === -1 ? undefined : `messages[${index}].name`;
}

function toolMarkOf({ tools }: GenerateRequest): string | undefined {
  const index = tools.findIndex(({ carry }) => carry?.fields['cache_control'] !== undefined);
  return index === -1 ? undefined : `tools[${index}].cache_control`;
}

function strictOf({ tools, toolChoice }: GenerateRequest): string | undefined {
  if (toolChoice?.kind === 'required' || toolChoice?.kind === 'function') return undefined;
  const index = tools.findIndex(({ strict }) => strict === true);
  return index === -1 ? undefined : `tools[${index}].function.strict`;
}
