import type { Medium } from './part.ts';

/** What a model or host can do; routing and the catalogue compare requests against it. */
export interface Capabilities {
  readonly input: readonly ('text' | Medium)[];
  readonly output: readonly ('text' | 'audio')[];
  readonly features: readonly Feature[];
}

export type Feature =
  | 'thinking'
  | 'tools'
  | 'json'
  | 'schema'
  | 'logprobs'
  | 'answers'
  | 'explicit-cache'
  | 'implicit-cache'
  | 'server-tools'
  /** Answers with vectors in place of words. */
  | 'embeddings';
