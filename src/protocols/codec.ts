import type { Answer } from '../model/answer.ts';
import type { AnswerEvent, EventBatch } from '../model/event.ts';
import type { FlashmuxError } from '../model/fault.ts';
import type { Json, JsonObject } from '../model/json.ts';
import type { NanoUsd } from '../model/money.ts';
import type { Notice } from '../model/notice.ts';
import type { ProtocolName } from '../model/protocol.ts';
import type { GenerateRequest } from '../model/request.ts';

/**
 * All that flashmux knows about one wire language, for both directions and both ends. Pure: nothing here does I/O, reads a
 * clock or makes an id. read = wire to model, write = model to wire.
 */
export interface Protocol {
  readonly name: ProtocolName;
  /** What this wire cannot say; the loss tables in docs/ are printed from it. */
  readonly losses: readonly Loss[];
  readonly server: ServerHalf;
  readonly client: ClientHalf;
}

/** The half that speaks with our callers. */
export interface ServerHalf {
  /** Throws FlashmuxError (400) with the path of the first thing that is wrong. */
  readRequest(body: Json): GenerateRequest;
  /** One whole answer as the body of a reply. `request`: for wires whose answers repeat what was asked (openai-responses). */
  writeAnswer(answer: Answer, envelope: Envelope, request?: GenerateRequest): JsonObject;
  /** One stream; the writer keeps what the wire needs to know of earlier events. */
  streamWriter(envelope: Envelope, request: GenerateRequest): StreamWriter;
  /** The body of an error reply. Its status is in the fault table. */
  writeFault(fault: FlashmuxError, requestId: string): JsonObject;
}

/** The half that speaks with upstreams. */
export interface ClientHalf {
  /** What this wire or its quirks cannot say of the request is told in the notices. */
  writeRequest(request: GenerateRequest): { readonly body: JsonObject; readonly notices: readonly Notice[] };
  /** A whole answer, as events. */
  readAnswer(body: Json): EventBatch;
  streamReader(): StreamReader;
  /** An error reply, or an error body in the middle of a stream, as a fault. */
  readFault(status: number, body: Json | string): FlashmuxError;
}

/** Facts of an answer that no model says: they come from the exchange. */
export interface Envelope {
  /** Our id of the answer, unique for ever (`gen_...`). */
  readonly id: string;
  readonly requestId: string;
  /** Unix seconds. */
  readonly createdAt: number;
  /** The model that answered, by its id in our catalogue. */
  readonly model: string;
  /** The host that answered. Absent until one was chosen. */
  readonly provider?: string;
  /** Tokens of the input, cached ones included, as counted here before the host told its own figure: for wires that tell them first. */
  readonly inputTokens?: number;
  /** Credits for one dollar, for dialects that count in credits. */
  readonly creditsPerUsd: bigint;
}

export interface StreamWriter {
  /** Wire text of one batch: written to the socket in one piece. May be empty where a batch has nothing for the caller. */
  write(batch: EventBatch): string;
  /** The closing text after the last batch. */
  end(): string;
  /** A fault after the stream began: the closing text in place of `end`. */
  fault(fault: FlashmuxError): string;
}

export interface StreamReader {
  /**
   * The events of one SSE frame. Unknown frames give carried or no events and never throw; an error frame throws the fault,
   * `text` that is no JSON throws `upstream_failed`.
   */
  read(frame: SseFrame): readonly AnswerEvent[];
  /** Ends whatever is open once the body is over. Throws `upstream_failed` where the answer was cut before it ended. */
  end(): readonly AnswerEvent[];
}

export interface SseFrame {
  readonly event?: string;
  readonly data: string;
}

/** One thing that a protocol cannot say. */
export interface Loss {
  /** Which half writes it away. */
  readonly direction: 'request' | 'answer';
  /** In the model's words, such as `turn.tool-result.media`. */
  readonly what: string;
  readonly outcome: 'dropped' | 'moved' | 'merged' | 'refused';
  readonly why: string;
}

/** Nano-dollars as the JSON number of dollars: shortest text that reads back as the same 9 decimals. */
export function usdNumber(nano: NanoUsd): number {
  const negative = nano < 0n;
  const digits = (negative ? -nano : nano).toString().padStart(10, '0');
  return Number(`${negative ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`);
}
