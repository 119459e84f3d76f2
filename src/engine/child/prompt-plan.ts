import type { Part } from '../../model/part.ts';
import type { PromptPiece } from '../prompt/prompt-template.ts';

/** The tokens of a prompt and where it is cut for evaluation. */
export interface PromptPlan<Token extends number> {
  readonly tokens: readonly Token[];
  /**
   * Positions, rising, all below the prompt's length. Where a prompt is cut changes its numbers slightly, so the cuts of a
   * prompt depend only on what stands before them: two prompts with a common beginning are cut alike there, and an answer is
   * the same whether that beginning was evaluated now or kept from an earlier request.
   */
  readonly cuts: readonly number[];
  /** The cuts after which a hybrid model's state is saved. */
  readonly checkpoints: ReadonlySet<number>;
  /** Where parts of the request end. A part that the template wrote elsewhere, or not at all, is missing. */
  readonly ends: ReadonlyMap<Part, number>;
}

/**
 * A marked place closer than this to the one before gets no cut. A short chunk costs a whole pass through the model and a saved
 * state tens of megabytes; evaluating this many tokens again costs less.
 */
const marksApartTokens = 32;

/** Besides the first marked place, which many conversations share, only the newest are saved. */
const newestCheckpoints = 3;

/** Parts of one text beyond this many end nowhere, so that a caller who sends every word as a part does not make it tokenized each time. */
const mostEndsInside = 8;

/** A text without the beginning of a word for so many characters has none that is worth a search. */
const wordWithinCharacters = 256;

type Tokenize<Token> = (piece: PromptPiece, first: boolean) => readonly Token[];

export function planPrompt<Token extends number>(
  pieces: readonly PromptPiece[],
  tokenize: Tokenize<Token>,
  chunkTokens: number,
): PromptPlan<Token> {
  const tokens: Token[] = [];
  const marks: number[] = [];
  const saved: number[] = [];
  const ends = new Map<Part, number>();
  let justEnded: Part | undefined;
  for (const [index, piece] of pieces.entries()) {
    const start = tokens.length;
    const own = tokenize(piece, index === 0);
    const endsWith = piece.special && piece.checkpoint ? justEnded : undefined;
    justEnded = undefined;
    for (const [number, { offset, part }] of (piece.ends ?? []).entries()) {
      if (offset === piece.text.length) justEnded = part;
      if (offset === piece.text.length || number >= mostEndsInside) continue;
      // Two parts of one message: their text is tokenized as one, marked or not, so that a mark never changes the prompt.
      const at = start + tokensBefore(piece, offset, own, (text) => tokenize({ ...piece, text }, index === 0));
      ends.set(part, at);
      if (at - (marks.at(-1) ?? 0) >= marksApartTokens) marks.push(at);
    }
    for (const token of own) tokens.push(token);
    if (justEnded !== undefined) ends.set(justEnded, tokens.length);
    // What closes a turn stands behind its last part in every prompt that has it.
    if (endsWith !== undefined) ends.set(endsWith, tokens.length);
    if (piece.checkpoint && tokens.length - (saved.at(-1) ?? 0) >= marksApartTokens) {
      saved.push(tokens.length);
      if (marks.at(-1) !== tokens.length) marks.push(tokens.length);
    }
  }
  const isInside = (mark: number): boolean => mark < tokens.length;
  const states = saved.filter(isInside);
  const checkpoints = new Set([...states.slice(0, 1), ...states.slice(-newestCheckpoints)]);
  return { tokens, cuts: cutsBetween(marks.filter(isInside), tokens.length, chunkTokens), checkpoints, ends };
}

/**
 * How many of a text's tokens come before a place in it and stay the same whatever is written from there on: those up to the last
 * word that begins before it, because tokenizers put a word and what stands before it into different tokens. 0 where that is not so.
 */
function tokensBefore<Token extends number>(
  { text }: PromptPiece,
  offset: number,
  tokens: readonly Token[],
  tokenize: (text: string) => readonly Token[],
): number {
  const searchedFrom = Math.max(0, offset - wordWithinCharacters);
  const wordStart = [...text.slice(searchedFrom, offset).matchAll(/(?<=\S)(?= \p{L})|(?<=\n)(?=\p{L})/gu)].at(-1)?.index;
  if (wordStart === undefined) return 0;
  const before = tokenize(text.slice(0, searchedFrom + wordStart));
  return before.every((token, index) => tokens[index] === token) ? before.length : 0;
}

function cutsBetween(marks: readonly number[], end: number, chunkTokens: number): number[] {
  const cuts: number[] = [];
  let from = 0;
  for (const mark of [...marks, end]) {
    for (let cut = from + chunkTokens; cut < mark; cut += chunkTokens) cuts.push(cut);
    if (mark < end) cuts.push(mark);
    from = mark;
  }
  return cuts;
}

/** The last cut, at most `common`, up to which both were cut alike; 0 where there is none. */
export function lastAgreedCut(known: readonly number[], wanted: readonly number[], common: number): number {
  let agreed = 0;
  for (const [index, cut] of wanted.entries()) {
    if (cut > common || known[index] !== cut) break;
    agreed = cut;
  }
  return agreed;
}
