import type { EventBatch } from '../model/event.ts';
import type { FaultCode } from '../model/fault.ts';
import type { Prompt } from '../model/continuation.ts';
import type { GenerateRequest } from '../model/request.ts';

/** What a child is told once, when it starts. */
export interface ModelSettings {
  readonly modelPath: string;
  /** Tokens that one sequence can hold. Cut to what the model was trained for. */
  readonly contextTokens: number;
  /** Answers that are written at the same time. */
  readonly parallel: number;
  /** Absent: one fewer than the physical cores. */
  readonly threads?: number;
  /** Tokens that one pass through the model takes; also the length of a piece of prompt between two looks at the abort flag. */
  readonly batchTokens: number;
  readonly gpu: 'auto' | false;
  /** Answers that may wait for a sequence before more are refused. */
  readonly queueLimit: number;
  /** Memory for the saved states of one sequence of a hybrid model. */
  readonly checkpointBytes: number;
  readonly pins: PinSettings;
}

/** How the beginnings of prompts that callers mark are kept. */
export interface PinSettings {
  /** Memory for their states. Absent: a sixteenth of what is free, at least 64 MiB and at most 1 GiB. 0: none is kept. */
  readonly bytes?: number;
  /** A shorter beginning is not kept. */
  readonly leastTokens: number;
}

export type ParentMessage =
  | { readonly kind: 'load'; readonly settings: ModelSettings }
  | {
      readonly kind: 'run';
      readonly id: number;
      readonly request: GenerateRequest;
      /** For a request that names no seed. */
      readonly seed: number;
      /** The id of the first tool call; the next ones get a number behind it. */
      readonly callId: string;
      /** Whose pins it may read. Absent: those of requests without a scope. */
      readonly scope: string | undefined;
    }
  | { readonly kind: 'abort'; readonly id: number }
  /** The reader has taken so many messages of events: the child may send as many more. */
  | { readonly kind: 'taken'; readonly id: number; readonly messages: number }
  | { readonly kind: 'figures'; readonly id: number }
  | { readonly kind: 'count-tokens'; readonly id: number; readonly text: string }
  | { readonly kind: 'count-input'; readonly id: number; readonly request: GenerateRequest }
  | { readonly kind: 'embed'; readonly id: number; readonly inputs: readonly Prompt[] };

export type ChildMessage =
  | { readonly kind: 'loading'; readonly progress: number }
  | { readonly kind: 'ready'; readonly model: ReadyModel }
  | { readonly kind: 'load-failed'; readonly reason: string }
  | { readonly kind: 'events'; readonly id: number; readonly events: EventBatch }
  | { readonly kind: 'end'; readonly id: number }
  | { readonly kind: 'fault'; readonly id: number; readonly fault: WireFault }
  | { readonly kind: 'figures'; readonly id: number; readonly figures: ChildFigures }
  | { readonly kind: 'token-count'; readonly id: number; readonly tokens: number }
  | { readonly kind: 'vectors'; readonly id: number; readonly vectors: Vectors };

/** Vectors of length 1, one an input, and the tokens of all inputs together. */
export interface Vectors {
  readonly vectors: readonly (readonly number[])[];
  readonly tokens: number;
}

export interface ReadyModel {
  readonly modelName: string;
  /** The longest prompt and answer together. */
  readonly contextTokens: number;
  readonly parallel: number;
  readonly thinking: boolean;
  readonly tools: boolean;
}

export interface ChildFigures {
  readonly activeSequences: number;
  readonly queued: number;
  readonly tokensEvaluated: number;
  readonly tokensReused: number;
  /** Marked beginnings that are kept, and the memory that they take. */
  readonly pins: number;
  readonly pinnedBytes: number;
  readonly residentBytes: number;
}

export interface WireFault {
  readonly code: FaultCode;
  readonly message: string;
  readonly param?: string;
  readonly retryAfterSeconds?: number;
  /** For the log, where the code is `internal`. */
  readonly stack?: string;
}

/** Messages of events that may be under way to a reader who has not taken them. */
export const windowMessages = 64;

const childKinds: ReadonlySet<unknown> = new Set<ChildMessage['kind']>([
  'loading',
  'ready',
  'load-failed',
  'events',
  'end',
  'fault',
  'figures',
  'token-count',
  'vectors',
]);

const parentKinds: ReadonlySet<unknown> = new Set<ParentMessage['kind']>([
  'load',
  'run',
  'abort',
  'taken',
  'figures',
  'count-tokens',
  'count-input',
  'embed',
]);

// Both ends of the channel are this program in the same version, so the kind vouches for the rest of a message.
export function isChildMessage(value: unknown): value is ChildMessage {
  return hasKind(value) && childKinds.has(value.kind);
}

export function isParentMessage(value: unknown): value is ParentMessage {
  return hasKind(value) && parentKinds.has(value.kind);
}

function hasKind(value: unknown): value is { kind: unknown } {
  return typeof value === 'object' && value !== null && 'kind' in value;
}
