import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';

/**
 * Tokens that the input of a request has at the very least, whatever cuts it: a token of the families served here never reaches over
 * two words, and each medium is one token or more. Only text that might be longer than `mostWanted` tokens is looked at; the answer
 * for any other is 0, because a token is at least one character.
 */
export function leastTokens(request: GenerateRequest, mostWanted: number): number {
  const parts = request.turns.flatMap(({ parts: each }) => each);
  if (charactersOf(parts) <= mostWanted) return 0;
  return parts.reduce((sum, part) => sum + leastOf(part), 0);
}

/** Characters of the text of a request, a medium being one of them. */
export function charactersOf(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + textsOf(part).reduce((inner, text) => inner + text.length, 1), 0);
}

function leastOf(part: Part): number {
  if (part.kind === 'media') return 1;
  return textsOf(part).reduce((sum, text) => sum + wordsIn(text), 0);
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

/** Runs of letters. An apostrophe belongs to its word: there are tokens such as "don't". */
function wordsIn(text: string): number {
  let words = 0;
  let isInside = false;
  for (let index = 0; index < text.length; index++) {
    const isLetter = partOfWord(text.charCodeAt(index));
    if (isLetter && !isInside) words += 1;
    isInside = isLetter;
  }
  return words;
}

const [apostrophe, caseBit, a, z, firstBeyondAscii] = [0x27, 0x20, 0x61, 0x7a, 0x80];

/** Everything beyond ASCII counts as a letter: what is taken for one word too few is still a lower bound. */
function partOfWord(code: number): boolean {
  const lower = code | caseBit;
  return (lower >= a && lower <= z) || code === apostrophe || code >= firstBeyondAscii;
}
