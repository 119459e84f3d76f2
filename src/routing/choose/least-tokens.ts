import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';

/**
 * Tokens that the input of a request has at the very least, whatever cuts it: a token of the families served here never reaches over
 * two words, and each medium is one token or more. Once the text that is left cannot bring them above `mostWanted`, it is not looked at,
 * and the answer is 0.
 */
export function leastTokens(request: GenerateRequest, mostWanted: number): number {
  const parts = request.turns.flatMap(({ parts: each }) => each);
  let least = parts.filter(({ kind }) => kind === 'media').length;
  const texts = parts.flatMap(textsOf);
  let unread = texts.reduce((sum, text) => sum + mostWordsIn(text.length), 0);
  for (const text of texts) {
    for (let from = 0; from < text.length; from += blockCharacters) {
      if (least + unread <= mostWanted) return 0;
      const piece = text.slice(from, from + blockCharacters);
      least += wordsIn(piece, from > 0 && partOfWord(text.charCodeAt(from - 1)));
      unread -= mostWordsIn(piece.length);
    }
  }
  return least;
}

/** Characters of the text of a request, a medium being one of them. */
export function charactersOf(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + textsOf(part).reduce((inner, text) => inner + text.length, 1), 0);
}

function textsOf(part: Part): readonly string[] {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return [part.text];
    case 'tool-call':
      return [part.argumentsText];
    case 'tool-result':
      return part.parts.flatMap((inner) => textsOf(inner));
    // Templates leave earlier thoughts out, and what an unknown block becomes is not known.
    case 'reasoning':
    case 'opaque':
    case 'media':
      return [];
  }
}

/** Between two words stands something that is no letter. */
function mostWordsIn(characters: number): number {
  return Math.ceil(characters / 2);
}

/** Even: the words that the blocks of a text can have are then not more than the text can have. */
const blockCharacters = 4_096;
/** Text is read from memory of our own: letter by letter out of a string takes three times as long. */
const block = new Uint16Array(blockCharacters);
const blockBytes = Buffer.from(block.buffer);

/** Runs of letters that begin in a text of at most one block. `isInside`: a letter stands before it. */
function wordsIn(text: string, isInside: boolean): number {
  blockBytes.write(text, 'utf16le');
  let words = 0;
  let before = isInside ? 1 : 0;
  for (let index = 0; index < text.length; index++) {
    const letter = letters[block[index] ?? 0] ?? 0;
    words += letter & ~before;
    before = letter;
  }
  return words;
}

const [apostrophe, caseBit, a, z, firstBeyondAscii] = [0x27, 0x20, 0x61, 0x7a, 0x80];

/** 1 for each code that is part of a word. */
const letters = Uint8Array.from({ length: 0x1_0000 }, (_, code) => (partOfWord(code) ? 1 : 0));

/**
 * An apostrophe belongs to its word: there are tokens such as "don't". Everything beyond ASCII counts as a letter: what is taken for one
 * word too few is still a lower bound.
 */
function partOfWord(code: number): boolean {
  const lower = code | caseBit;
  return (lower >= a && lower <= z) || code === apostrophe || code >= firstBeyondAscii;
}
