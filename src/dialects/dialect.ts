import type { FlashmuxError } from '../model/fault.ts';
import type { Json, JsonObject } from '../model/json.ts';
import type { GenerateRequest } from '../model/request.ts';
import type { ServerHalf } from '../protocols/codec.ts';

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
  readonly stream: StreamManners;
  /** HTTP status of a fault: a column of the fault table. */
  status(fault: FlashmuxError): number;
  writeFault(fault: FlashmuxError, requestId: string): JsonObject;
  /** Headers that this API has beside those that flashmux sends on every reply. */
  headers(facts: ReplyFacts): Readonly<Record<string, string>>;
}

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
