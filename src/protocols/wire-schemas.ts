import type { JsonObject } from '../model/json.ts';

/**
 * The JSON Schemas of one wire as its readers and writers have them: what is told to callers. They stand beside the codec, and a test
 * holds both against each other. Definitions are named for the whole OpenAPI document and point to each other by `ref`.
 */
export interface WireSchemas {
  readonly definitions: Readonly<Record<string, JsonObject>>;
  /** The definition of a request's body. */
  readonly request: string;
  /** The definition of a whole answer. */
  readonly answer: string;
  /** The definition of the JSON in one event of a stream. */
  readonly event: string;
  /** The definition of an error's body. */
  readonly fault: string;
  /** The definitions of a call that counts the input of a request, and of its answer. Absent: there is none. */
  readonly count?: { readonly request: string; readonly answer: string };
}
