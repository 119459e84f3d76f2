import { FlashmuxError } from '../../model/fault.ts';
import type { Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';

/** Text of more characters than this for each token of the context is most likely too long, so it is worth a look. */
const charactersPerToken = 16;
/** What a message costs to render, in characters. */
const charactersPerTurn = 16;
const sliceCharacters = 16_384;

/**
 * Refuses with `context_length_exceeded` what is far too long, before it is rendered and tokenized as a whole: for a body of 32 MB
 * that takes half a minute, in which no other answer would go on. Counts in slices and stops at twice the context, so the cuts
 * between the slices cannot make a text seem too long that is not. What may fit passes and is measured exactly later.
 */
export function refuseHopelessPrompt(
  request: GenerateRequest,
  contextTokens: number,
  countTokens: (text: string) => number,
): void {
  const worthLooking = contextTokens * charactersPerToken;
  let characters = request.turns.length * charactersPerTurn;
  for (const text of callersTexts(request)) characters += text.length;
  if (characters <= worthLooking) return;

  // The template writes at least one token around each message.
  let tokens = request.turns.length;
  for (const text of callersTexts(request)) {
    for (let start = 0; start < text.length; start += sliceCharacters) {
      if (tokens > 2 * contextTokens) break;
      tokens += countTokens(text.slice(start, start + sliceCharacters));
    }
  }
  if (tokens <= 2 * contextTokens) return;
  throw new FlashmuxError(
    'context_length_exceeded',
    `The messages have more than ${2 * contextTokens} tokens; this model has room for ${contextTokens}, the answer included. ` +
      `Send at most ${contextTokens - 1}.`,
    { param: 'messages' },
  );
}

function* callersTexts(request: GenerateRequest): Generator<string> {
  for (const turn of request.turns) yield* textsOf(turn.parts);
  for (const { name, description = '', parameters } of request.tools) {
    yield name;
    yield description;
    if (parameters !== undefined) yield JSON.stringify(parameters);
  }
}

function* textsOf(parts: readonly Part[]): Generator<string> {
  for (const part of parts) {
    switch (part.kind) {
      case 'text':
      case 'refusal':
      case 'reasoning':
        yield part.text;
        break;
      case 'tool-call':
        yield part.argumentsText;
        break;
      case 'tool-result':
        yield* textsOf(part.parts);
        break;
      case 'media':
      case 'opaque':
        break;
    }
  }
}
