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
    input: [...new Set(asked.turns.flatMap(({ parts }) => parts.flatMap((part) => mediaOf(part))))],
    output: modalities,
    features: features.flatMap(([feature, isWanted]) => (isWanted ? [feature] : [])),
    wishedFeatures: wished.flatMap(([feature, isWanted]) => (isWanted ? [feature] : [])),
    ...(limits.answerTokens === undefined ? {} : { answerTokens: limits.answerTokens }),
    parameters: () => usedParameters(asked),
    leastInput: once(() => leastTokens(asked, smallestLimit)),
  };
}

function mediaOf(part: Part): readonly Medium[] {
  if (part.kind === 'media') return [part.medium];
  return part.kind === 'tool-result' ? part.parts.flatMap((inner) => mediaOf(inner)) : [];
}

function once(make: () => number): () => number {
  let made: number | undefined;
  return () => (made ??= make());
}
