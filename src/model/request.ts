import type { Continuation } from './continuation.ts';
import type { Json, JsonObject } from './json.ts';
import type { Carry } from './protocol.ts';
import type { RoutingPreferences } from './routing-preferences.ts';
import type { Turn } from './turn.ts';

/**
 * What a caller asks for, in no protocol's words. An absent field means "not said": defaults belong to the catalogue,
 * never to a codec, because a default that a codec adds would be forwarded as if the caller had said it.
 */
export interface GenerateRequest {
  readonly model: string;
  readonly turns: readonly Turn[];
  readonly tools: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  readonly sampling: Sampling;
  readonly limits: OutputLimits;
  readonly thinking: Thinking;
  readonly form: AnswerForm;
  readonly delivery: Delivery;
  /** How many answers (`n`), at least 1. */
  readonly answers?: number;
  readonly logprobs?: LogprobsWish;
  readonly modalities?: readonly ('text' | 'audio')[];
  readonly audio?: AudioWish;
  readonly vision?: VisionWish;
  /** Text the caller expects to come back mostly unchanged (predicted output). */
  readonly prediction?: string;
  readonly serverTools?: ServerToolWishes;
  /** True: leave the answer as the host wrote it, with plain `[N]` citations and no References block (EmpirioLabs). */
  readonly plainCitations?: boolean;
  /** True: the caller does not want to see the thoughts. They are thought, and paid, all the same. */
  readonly hidesThoughts?: boolean;
  readonly routing?: RoutingPreferences;
  readonly attribution?: Attribution;
  readonly continues?: Continuation;
  readonly carry?: Carry;
}

/** For whom and for what a call is made, in the caller's own words: spend is told by them. */
export interface Attribution {
  /** The caller's own user, as an id that means nothing here. */
  readonly user?: string;
  readonly tags?: readonly string[];
}

export interface Tool {
  readonly kind: 'function';
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments. */
  readonly parameters?: JsonObject;
  readonly strict?: boolean;
  readonly carry?: Carry;
}

export type ToolChoice =
  | { readonly kind: 'auto' }
  | { readonly kind: 'none' }
  /** At least one call. */
  | { readonly kind: 'required' }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'opaque'; readonly value: Json };

export interface Sampling {
  /** 0 to 2; 0 is greedy. */
  readonly temperature?: number;
  /** 0 to 1. */
  readonly topP?: number;
  /** Whole number from 0; 0 is off. */
  readonly topK?: number;
  /** 0 to 1. */
  readonly minP?: number;
  /** -2 to 2. */
  readonly frequencyPenalty?: number;
  /** -2 to 2. */
  readonly presencePenalty?: number;
  /** Above 0; 1 is off. */
  readonly repetitionPenalty?: number;
  /** Whole number from 0. Same seed, same conditions, same text. */
  readonly seed?: number;
  /** Up to 4 texts; the answer ends before the first that would appear. */
  readonly stop?: readonly string[];
  /** Added to the logit of a token, by the token's id as text: -100 to 100. */
  readonly logitBias?: Readonly<Record<string, number>>;
}

/**
 * Two limits, because hosts count differently: `max_tokens` of the Qwen family limits the answer without its thinking,
 * `max_completion_tokens` limits both together (Model Studio documentation, 2026-09).
 */
export interface OutputLimits {
  readonly answerTokens?: number;
  readonly completionTokens?: number;
}

/** `unsaid` leaves it to the model's default. Effort and budget may stand alone or together; the budget wins. */
export type Thinking =
  | { readonly kind: 'unsaid'; readonly effort?: Effort; readonly budgetTokens?: number; readonly preserve?: boolean }
  | { readonly kind: 'off'; readonly effort?: Effort; readonly budgetTokens?: number; readonly preserve?: boolean }
  | { readonly kind: 'on'; readonly effort?: Effort; readonly budgetTokens?: number; readonly preserve?: boolean };

export type Effort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export type AnswerForm =
  | { readonly kind: 'unsaid' }
  | { readonly kind: 'plain' }
  | { readonly kind: 'json' }
  | {
      readonly kind: 'schema';
      readonly name: string;
      readonly description?: string;
      /** Absent: the caller named a form without giving it. */
      readonly schema?: JsonObject;
      readonly strict?: boolean;
    };

export type Delivery =
  /** `said` keeps `stream: false` apart from no word about it. */
  | { readonly kind: 'whole'; readonly said: boolean }
  | {
      readonly kind: 'stream';
      /** Whether the caller wants the usage at the end. Absent: not said. */
      readonly usage?: boolean;
      readonly carry?: Carry;
    };

export interface LogprobsWish {
  /** False: the caller said that none are wanted. */
  readonly wanted: boolean;
  /** How many alternatives a position, 0 to 20. */
  readonly top?: number;
}

export interface AudioWish {
  readonly format: string;
  readonly voice: string;
  readonly carry?: Carry;
}

/** How pictures and clips of the request are looked at (Alibaba's and EmpirioLabs' words). */
export interface VisionWish {
  readonly highResolutionImages?: boolean;
  /** 4,096 to 16,777,216. */
  readonly maxPixels?: number;
  /** 0.1 to 10. */
  readonly framesPerSecond?: number;
  readonly imagesAsVideo?: boolean;
}

export type ServerToolName = 'web_search' | 'web_extractor' | 'code_interpreter' | 'web_search_image' | 'image_search';

export type ServerToolWishes = Readonly<Partial<Record<ServerToolName, boolean>>>;
