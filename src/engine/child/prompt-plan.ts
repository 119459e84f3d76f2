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
}

/**
 * A marked place closer than this to the one before gets no cut. A short chunk costs a whole pass through the model and a saved
 * state tens of megabytes; evaluating this many tokens again costs less.
 */
const marksApartTokens = 32;

/** Besides the first marked place, which many conversations share, only the newest are saved. */
const newestCheckpoints = 3;

export function planPrompt<Token extends number>(
  pieces: readonly PromptPiece[],
  tokenize: (piece: PromptPiece, first: boolean) => readonly Token[],
  chunkTokens: number,
): PromptPlan<Token> {
  const tokens: Token[] = [];
  const marks: number[] = [];
  for (const [index, piece] of pieces.entries()) {
    for (const token of tokenize(piece, index === 0)) tokens.push(token);
    if (piece.checkpoint && tokens.length - (marks.at(-1) ?? 0) >= marksApartTokens) marks.push(tokens.length);
  }
  const inside = marks.filter((mark) => mark < tokens.length);
  const checkpoints = new Set([...inside.slice(0, 1), ...inside.slice(-newestCheckpoints)]);
  return { tokens, cuts: cutsBetween(inside, tokens.length, chunkTokens), checkpoints };
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
