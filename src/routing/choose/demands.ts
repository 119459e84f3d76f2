import type { Feature } from '../../model/capability.ts';
import type { Medium, Part } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { leastTokens } from './least-tokens.ts';
import { usedParameters } from './used-parameters.ts';

/** What a request needs of whoever answers it. */
export interface Demands {
  readonly input: readonly Medium[];
  readonly output: readonly ('text' | 'audio')[];
  /** Without these a host cannot give what was asked for. */
  readonly features: readonly Feature[];
  /** Better with these: what a host lacks of them is made up for by this server. */
  readonly wishedFeatures: readonly Feature[];
  /** Tokens of answer that the caller asked for, where it said how many. */
  readonly answerTokens?: number;
  /** Names on the chat wire of what the caller said. */
  readonly parameters: () => readonly string[];
  /** Tokens of the input at the very least. */
  readonly leastInput: () => number;
}

/**
 * Of the request as the caller made it: what was filled in for it, nobody has to be able to do. `thinks`: whether the model will. Input
 * that is surely within `smallestLimit` tokens is not looked at.
 */
export function demandsOf(asked: GenerateRequest, thinks: boolean, smallestLimit: number): Demands {
  const { form, limits, modalities = [], thinking, logprobs, answers = 1 } = asked;
  const saysThink = thinking.kind === 'on' || (thinking.effort ?? 'none') !== 'none';
  const features: readonly (readonly [Feature, boolean])[] = [
    ['tools', asked.tools.length > 0],
    ['logprobs', logprobs?.wanted === true],
    ['answers', answers > 1],
    ['thinking', thinks && saysThink],
  ];
  const wished: readonly (readonly [Feature, boolean])[] = [
    ['json', form.kind === 'json'],
    ['schema', form.kind === 'schema'],
  ];
  return {
    input: [...mediaOf(asked)],
    output: modalities,
    features: features.filter(([, isWanted]) => isWanted).map(([feature]) => feature),
    wishedFeatures: wished.filter(([, isWanted]) => isWanted).map(([feature]) => feature),
    ...(limits.answerTokens === undefined ? {} : { answerTokens: limits.answerTokens }),
    parameters: () => usedParameters(asked),
    leastInput: once(() => leastTokens(asked, smallestLimit)),
  };
}

function mediaOf({ turns }: GenerateRequest): ReadonlySet<Medium> {
  const media = new Set<Medium>();
  for (const { parts } of turns) addMedia(parts, media);
  return media;
}

function addMedia(parts: readonly Part[], media: Set<Medium>): void {
  for (const part of parts) {
    if (part.kind === 'media') media.add(part.medium);
    else if (part.kind === 'tool-result') addMedia(part.parts, media);
  }
}

function once(make: () => number): () => number {
  let made: number | undefined;
  return () => (made ??= make());
}
