import type { Prompt } from './continuation.ts';
import type { Notice } from './notice.ts';
import type { Carry } from './protocol.ts';

/** Texts that are asked for as vectors. */
export interface EmbeddingRequest {
  readonly model: string;
  /** At least one, none of them empty. */
  readonly inputs: readonly Prompt[];
  /** How many numbers a vector is to have, from 1. Absent: as many as the model gives. */
  readonly dimensions?: number;
  readonly carry?: Carry;
}

export interface EmbeddingAnswer {
  /** One a text, in their order. */
  readonly vectors: readonly (readonly number[])[];
  /** Tokens of all texts together. Absent: the host did not tell. */
  readonly inputTokens?: number;
  readonly notices: readonly Notice[];
}
