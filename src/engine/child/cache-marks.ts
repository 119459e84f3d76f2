import type { Notice } from '../../model/notice.ts';
import type { CacheMark, Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { PromptPlan } from './prompt-plan.ts';

/** A wish that the beginning of the prompt up to a cut be kept. */
export interface PlacedMark {
  readonly path: string;
  /** Tokens of the beginning: one of the prompt's cuts. */
  readonly tokens: number;
  readonly lifetimeMs: number;
}

export interface PlacedMarks {
  /** By rising length, one for each. */
  readonly marks: readonly PlacedMark[];
  readonly notices: readonly Notice[];
}

/** As many as Alibaba takes, and as there the last ones count: they stand for the longest beginnings (Model Studio, 2026-09). */
export const mostMarks = 4;

/** Alibaba's lifetime and the short one of Anthropic. */
const lifetimeSecondsUnlessSaid = 300;

/**
 * The cache marks of a request at the cuts of its prompt. A mark inside of what is evaluated as one counts at the cut before it,
 * which every longer prompt shares.
 */
export function placeMarks(
  request: Pick<GenerateRequest, 'turns'>,
  { cuts, ends }: Pick<PromptPlan<number>, 'cuts' | 'ends'>,
  leastTokens: number,
): PlacedMarks {
  const notices: Notice[] = [];
  const ignored = (path: string, message: string): void => void notices.push({ code: 'ignored', path, message });
  const found: { readonly path: string; readonly mark: CacheMark; readonly end: number }[] = [];
  // What has no end of its own in the prompt, such as a call, is taken to end with what stands before it.
  let end = 0;
  for (const { part, path } of partsOf(request.turns)) {
    end = ends.get(part) ?? end;
    if (part.cacheMark !== undefined) found.push({ path: `${path}.cache_control`, mark: part.cacheMark, end });
  }
  for (const { path } of found.slice(0, -mostMarks)) {
    ignored(path, `A request has at most ${mostMarks} cache marks; the last ones count.`);
  }
  const marks = new Map<number, PlacedMark>();
  for (const { path, mark, end: wanted } of found.slice(-mostMarks)) {
    const tokens = cuts.findLast((cut) => cut <= wanted) ?? 0;
    const lifetimeMs = (mark.lifetimeSeconds ?? lifetimeSecondsUnlessSaid) * 1000;
    if (tokens < leastTokens) {
      ignored(path, `What is cached has at least ${leastTokens} tokens; up to here there are ${wanted}.`);
    } else {
      marks.set(tokens, { path, tokens, lifetimeMs: Math.max(lifetimeMs, marks.get(tokens)?.lifetimeMs ?? 0) });
    }
  }
  return { marks: [...marks.values()].toSorted((one, other) => one.tokens - other.tokens), notices };
}

/** All parts in their order, those of a tool's result before the result itself. */
function* partsOf(turns: GenerateRequest['turns']): Generator<{ readonly part: Part; readonly path: string }> {
  for (const [number, { parts }] of turns.entries()) {
    for (const [index, part] of parts.entries()) {
      const path = `messages[${number}].content[${index}]`;
      if (part.kind === 'tool-result') {
        for (const [inner, piece] of part.parts.entries()) yield { part: piece, path: `${path}.content[${inner}]` };
      }
      yield { part, path };
    }
  }
}
