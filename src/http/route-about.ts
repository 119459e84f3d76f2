import type { FaultCode } from '../model/fault.ts';
import type { JsonObject } from '../model/json.ts';

/** What the OpenAPI document says of a route. */
export interface RouteAbout {
  /** A name for clients that are made from the document: a verb and what it is done to. Unique among all routes. */
  readonly operationId: string;
  /** The heading under which it stands. */
  readonly group: string;
  /** One line, without a full stop. */
  readonly summary: string;
  readonly description?: string;
  /** What the parameters of the path are, by name. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, JsonObject>>;
  readonly headers?: Readonly<Record<string, JsonObject>>;
  /** Names of the query parameters and headers that must be there. */
  readonly needed?: readonly string[];
  /** Absent where the route reads no body. */
  readonly request?: BodyAbout;
  /** By status, the good answers only: those that refuse come from the fault table. */
  readonly answers: Readonly<Record<string, AnswerAbout>>;
  /** How it can fail besides the ways that every route has. Absent: in no other. `all`: in every way that there is. */
  readonly faults?: readonly FaultCode[] | 'all';
  /** Schemas that the others point to, by name. The same name means the same schema everywhere. */
  readonly definitions?: Readonly<Record<string, JsonObject>>;
}

export interface BodyAbout {
  readonly schema: JsonObject;
  readonly examples?: Readonly<Record<string, ExampleAbout>>;
}

export interface ExampleAbout {
  readonly summary: string;
  readonly value: JsonObject;
}

export interface AnswerAbout {
  readonly description: string;
  /** Schemas by content type. Absent: the answer has no body. */
  readonly content?: Readonly<Record<string, JsonObject>>;
  /** Headers besides those of every reply, by name. */
  readonly headers?: Readonly<Record<string, string>>;
}
