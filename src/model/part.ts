import type { Json } from './json.ts';
import type { Carry, ProtocolName } from './protocol.ts';

/** A piece of a turn or of an answer. Parts keep the order in which they were written: in memory, on the wire, in the bill. */
export type Part = TextPart | RefusalPart | ReasoningPart | MediaPart | ToolCallPart | ToolResultPart | OpaquePart;

interface PartBase {
  /** The caller asks the host to cache the prompt up to and including this part. */
  readonly cacheMark?: CacheMark;
  /** The id of the item that holds this part, in protocols whose items have ids beside those of their calls. Parts of one item share it. */
  readonly itemId?: string;
  readonly carry?: Carry;
}

/** Alibaba keeps explicit entries 300 s and at most 4 marks count (Model Studio documentation, 2026-09). */
export interface CacheMark {
  /** Seconds. Absent: the host's own default. */
  readonly lifetimeSeconds?: number;
}

export interface TextPart extends PartBase {
  readonly kind: 'text';
  readonly text: string;
  readonly citations?: readonly Citation[];
  readonly logprobs?: readonly TokenLogprob[];
}

export interface Citation {
  readonly url: string;
  readonly title: string;
  /** Character offsets in the text of the part, end exclusive. */
  readonly startIndex: number;
  readonly endIndex: number;
  readonly carry?: Carry;
}

/** The model declines, in a field of its own. */
export interface RefusalPart extends PartBase {
  readonly kind: 'refusal';
  readonly text: string;
  readonly logprobs?: readonly TokenLogprob[];
}

export interface ReasoningPart extends PartBase {
  readonly kind: 'reasoning';
  readonly text: string;
  readonly seal?: Seal;
}

/** Proof of a thought (signature, encrypted content). Only the protocol and host that made it can use it again. */
export interface Seal {
  readonly protocol: ProtocolName;
  readonly value: Json;
}

export interface MediaPart extends PartBase {
  readonly kind: 'media';
  readonly medium: Medium;
  readonly source: MediaSource;
  /** Vision detail as the caller named it: low, high or auto. */
  readonly detail?: string;
  /** Frames per second to sample from a video, 0.1 to 10. */
  readonly framesPerSecond?: number;
  readonly minPixels?: number;
  readonly maxPixels?: number;
  readonly totalPixels?: number;
  /** Words of an audio answer. */
  readonly transcript?: string;
  /** The host's id of an audio answer. */
  readonly id?: string;
  /** Unix seconds until which the host keeps an audio answer. */
  readonly expiresAt?: number;
}

export type Medium = 'image' | 'audio' | 'video' | 'document';

export type MediaSource =
  | { readonly kind: 'url'; readonly url: string }
  /** Base64 text as it came, never decoded on the way through. `format` is a short name (wav, mp3) or a media type. */
  | { readonly kind: 'bytes'; readonly base64: string; readonly format?: string }
  /** A video given as a list of pictures. */
  | { readonly kind: 'frames'; readonly urls: readonly string[] }
  /** A file or an earlier audio answer, by its id at the host. */
  | { readonly kind: 'file'; readonly id: string; readonly filename?: string };

export interface ToolCallPart extends PartBase {
  readonly kind: 'tool-call';
  readonly callId: string;
  readonly name: string;
  /** Text exactly as the model wrote it: it may not be JSON. */
  readonly argumentsText: string;
  /** Who runs it: the caller (function calling), this server (server-side tools), or the upstream. */
  readonly ranBy: 'caller' | 'server' | 'provider';
}

export interface ToolResultPart extends PartBase {
  readonly kind: 'tool-result';
  readonly callId: string;
  readonly parts: readonly Part[];
  /** Absent: the protocol has no word for it. */
  readonly outcome?: 'ok' | 'error';
}

/** A block that the reading protocol does not know. */
export interface OpaquePart extends PartBase {
  readonly kind: 'opaque';
  readonly protocol: ProtocolName;
  readonly value: Json;
}

export interface TokenLogprob {
  readonly token: string;
  /** Natural logarithm of the probability, before any sampling filter. -9999 stands for "very unlikely" (seed AI/ML API). */
  readonly logprob: number;
  /** UTF-8 bytes of the token; null where it has none. */
  readonly bytes: readonly number[] | null;
  readonly top: readonly { readonly token: string; readonly logprob: number; readonly bytes: readonly number[] | null }[];
}
