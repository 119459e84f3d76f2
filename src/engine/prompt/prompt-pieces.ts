import type { Part } from '../../model/part.ts';
import type { Segment } from './caller-text.ts';

export interface PromptPiece {
  readonly text: string;
  /** The template's own text: control tokens in it count. */
  readonly special: boolean;
  /** A later turn will share the prompt up to the end of this piece. */
  readonly checkpoint: boolean;
  /** Where parts of the request end in the text, rising. Absent: nowhere. */
  readonly ends?: readonly PartEnd[];
}

export interface PartEnd {
  /** Characters of the piece before the end, at least 1. */
  readonly offset: number;
  readonly part: Part;
}

/**
 * The pieces of a rendered prompt, ready to be tokenized one by one. Up to a checkpoint, the pieces of a conversation and of
 * its continuation are the same, so that their tokens are too.
 */
export function promptPieces(segments: readonly Segment[], chatMl: boolean): readonly PromptPiece[] {
  const cut = chatMl ? cutAtTurnEnds(segments) : markAfterQuestions(segments);
  return merge(cut).flatMap(splitTags);
}

/**
 * ChatML marks every turn in the open: a prompt is shared up to the `<|im_end|>` of each turn but the assistant's, whose thoughts
 * are dropped from it later. A turn of tool results is shared as long as the tool loop goes on.
 */
function cutAtTurnEnds(segments: readonly Segment[]): PromptPiece[] {
  let role = '';
  return segments.flatMap((segment): PromptPiece[] => {
    if (segment.from === 'caller') return [plainPiece(segment)];
    const pieces: PromptPiece[] = [];
    let start = 0;
    for (const match of segment.text.matchAll(/<\|im_start\|>(\w*)|<\|im_end\|>\n?/g)) {
      if (match[1] !== undefined) {
        role = match[1];
      } else if (role !== 'assistant') {
        const end = match.index + match[0].length;
        pieces.push({ text: segment.text.slice(start, end), special: true, checkpoint: true });
        start = end;
      }
    }
    const rest = segment.text.slice(start);
    return rest === '' ? pieces : [...pieces, { text: rest, special: true, checkpoint: false }];
  });
}

/** Elsewhere the only place known to be shared is the end of a content itself. */
function markAfterQuestions(segments: readonly Segment[]): PromptPiece[] {
  return segments.map((segment) => {
    const shared = segment.owner === 'system' || segment.owner === 'user' || segment.owner === 'tool';
    return { ...plainPiece(segment), checkpoint: shared };
  });
}

function plainPiece(segment: Segment): PromptPiece {
  const { text, part } = segment;
  const ends = part === undefined ? {} : { ends: [{ offset: text.length, part }] };
  return { text, special: segment.from === 'template', checkpoint: false, ...ends };
}

/**
 * Joins neighbours of one kind, because every seam may cost a token. Template text between two texts of the caller joins them
 * where it cannot hold a control token: the whole JSON of the tools becomes one piece.
 */
function merge(pieces: readonly PromptPiece[]): PromptPiece[] {
  const merged: PromptPiece[] = [];
  for (const [index, piece] of pieces.entries()) {
    const last = merged.at(-1);
    const next = pieces[index + 1];
    const between =
      last?.special === false && next?.special === false && !piece.checkpoint && !mayHoldControlToken.test(piece.text);
    const special = piece.special && !between;
    if (last === undefined || last.checkpoint || last.special !== special) merged.push({ ...piece, special });
    else merged[merged.length - 1] = { ...joined(last, piece), special };
  }
  return merged;
}

function joined(first: PromptPiece, second: PromptPiece): PromptPiece {
  const later = second.ends?.map((end) => ({ ...end, offset: end.offset + first.text.length }));
  const ends = [...(first.ends ?? []), ...(later ?? [])];
  return { ...second, text: first.text + second.text, ...(ends.length === 0 ? {} : { ends }) };
}

/** Control tokens of the known vocabularies look like `<x>`, `[X]` or `<|x|>`, some with a full-width bar. */
const mayHoldControlToken = /[<|｜]|\[[\p{L}/]/u;

/**
 * Cuts the caller's text inside of each tag that is one token in either mode of the tokenizer (user-defined tokens: think,
 * tool_call, tool_response; other vocabularies have some in bars), so that it stays the text that the caller wrote.
 */
function splitTags(piece: PromptPiece): PromptPiece[] {
  if (piece.special) return [piece];
  const texts = piece.text.split(insideTag);
  let start = 0;
  return texts.map((text, index) => {
    const from = start;
    start += text.length;
    const ends = (piece.ends ?? [])
      .filter(({ offset }) => offset > from && offset <= start)
      .map((end) => ({ ...end, offset: end.offset - from }));
    const checkpoint = piece.checkpoint && index === texts.length - 1;
    return { text, special: false, checkpoint, ...(ends.length === 0 ? {} : { ends }) };
  });
}

const insideTag = /(?<=<)(?=\/?(?:think|tool_call|tool_response)>|[|｜][^|｜<>\s]{1,64}[|｜]>)/;
