import type { Json, JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';
import type { GenerateRequest } from '../../model/request.ts';
import type { ClientHalf, SseFrame } from '../../protocols/codec.ts';

/** What differs between the wire languages of hosts. All else is the same code, in create-http-host.ts. */
export interface HostProtocol {
  readonly client: ClientHalf;
  /** False: the host answers whole only. */
  readonly streams: boolean;
  /** True: the host may send the thinking inside the text, between `<think>` tags. */
  readonly inlineThink: boolean;
  /** Sent with each call, beside those that say who calls. Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The headers that carry a key. Lower-case names. */
  authorize(key: string): Readonly<Record<string, string>>;
  /** Throws `unsupported_value` for what cannot be asked of any host of this language. */
  write(request: GenerateRequest): WrittenCall;
  /**
   * True for the frame that ends an answer: nothing after it belongs to the answer, and servers exist that keep the connection
   * open behind it. Whether the answer is complete is the reader's to say.
   */
  isLast(frame: SseFrame): boolean;
  /** Statuses of its own, and those that HTTP has for the same. */
  readonly ownStatuses?: Readonly<Record<number, number>>;
  /** Absent: the host does not count the tokens of an input without running it. */
  readonly counting?: Counting;
}

/** A body as this host takes it, and where to. */
export interface WrittenCall {
  /** Below the base URL, with its slash. */
  readonly path: string;
  readonly body: JsonObject;
  readonly notices: readonly Notice[];
}

export interface Counting {
  write(request: GenerateRequest): Omit<WrittenCall, 'notices'>;
  /** Undefined: the body says no number. */
  read(body: Json): number | undefined;
}

export function bearer(key: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${key}` };
}
