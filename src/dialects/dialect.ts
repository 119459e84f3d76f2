import type { FlashmuxError } from '../model/fault.ts';
import type { Json, JsonObject } from '../model/json.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { ModelFacts } from '../protocols/anthropic-messages/model-list.ts';
import type { ServerHalf } from '../protocols/codec.ts';
import type { DialectAbout } from './dialect-about.ts';

/**
 * One public API: a protocol, and what the API around it adds. The listener knows every dialect only through this, so a new one
 * is a value of this type and no code in http.
 */
export interface Dialect {
  readonly name: string;
  /**
   * Paths that begin with it speak this dialect, in their errors too, unknown routes included. The longest prefix wins, so that
   * `/v1/messages` may answer in another envelope than `/v1`. Begins with a slash, has none at its end.
   */
  readonly prefix: string;
  /** Paths of the calls that generate, all of them POST: `/v1/chat/completions`, or with a parameter `/v1/{model}`. */
  readonly generatePaths: readonly string[];
  /** The request of one call. Throws FlashmuxError (400) with the path of the first thing that is wrong. */
  readRequest(call: WireCall): GenerateRequest;
  /** How answers are written. */
  readonly answers: Pick<ServerHalf, 'writeAnswer' | 'streamWriter'>;
  /** How the ids of answers begin. Absent: `gen`. */
  readonly answerPrefix?: AnswerPrefix;
  /** Set where a stream begins with the tokens of its input, so that they have to be known before its first word. */
  readonly wantsInputTokens?: true;
  /** The call that counts the input of a request and does not answer it. Absent: there is none. */
  readonly counting?: CountingCall;
  /** How `/v1/models` is told to the clients of this API. Absent: as to everybody. */
  readonly models?: ModelManners;
  /** Set where answers are kept and found again (http/responses), so that a call is more than its body. */
  readonly remembers?: true;
  readonly stream: StreamManners;
  /** HTTP status of a fault: a column of the fault table. */
  status(fault: FlashmuxError): number;
  writeFault(fault: FlashmuxError, requestId: string): JsonObject;
  /** In whose words the headers say where a key with limits by the minute stands. */
  readonly rateLimitHeaders: RateLimitFamily;
  /** Headers that this API has beside those that flashmux sends on every reply. */
  headers(facts: ReplyFacts): Readonly<Record<string, string>>;
  /** What the OpenAPI document says of it. */
  readonly about?: DialectAbout;
}

/** A POST that counts tokens. */
export interface CountingCall {
  readonly path: string;
  /** Throws like `readRequest` of the dialect. */
  readRequest(call: WireCall): GenerateRequest;
  writeCount(inputTokens: number): JsonObject;
}

/** An API whose models have the paths of another one; its clients are known by their headers. */
export interface ModelManners {
  isClient(headers: WireCall['headers']): boolean;
  /** The query parameters of the list. */
  readonly query: readonly string[];
  /** Throws FlashmuxError (400) with the query parameter that is wrong. */
  writeList(models: readonly ModelFacts[], query: Readonly<Record<string, string | undefined>>): JsonObject;
  writeModel(model: ModelFacts): JsonObject;
}

export type AnswerPrefix = 'gen' | 'msg' | 'resp';

/** OpenAI's `x-ratelimit-*`, with a duration until the reset, or Anthropic's `anthropic-ratelimit-*`, with its time. */
export type RateLimitFamily = 'openai' | 'anthropic';

/** One call as it came: some APIs say a part of the request outside of the body (the model in the path or in a header). */
export interface WireCall {
  readonly body: Json;
  /** Path parameters, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Header names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface StreamManners {
  readonly contentType: string;
  /** What is sent while the model is silent, so that no proxy takes the connection for dead. It must mean nothing to a client. */
  readonly heartbeat: string;
}

/** What a reply's headers may say. */
export interface ReplyFacts {
  readonly requestId: string;
  /** Our id of the answer; absent on errors. */
  readonly answerId?: string;
}
