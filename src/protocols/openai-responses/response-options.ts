import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject } from '../../model/json.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import {
  isArray,
  optionalArray,
  optionalBoolean,
  optionalChoice,
  optionalObject,
  optionalString,
  refuse,
  requireObject,
  requiredString,
} from '../wire/fields.ts';
import { said, wire } from '../wire/said.ts';
import { itemType } from './read-items.ts';

/** What a request says to the API around the model: how its response is kept and found again. Absent means "not said". */
export interface ResponseOptions {
  readonly store?: boolean;
  /** The response whose input and output come before this input. */
  readonly previousResponseId?: string;
  /** The conversation whose items come before this input, and which this response is added to. Never beside `previousResponseId`. */
  readonly conversationId?: string;
  readonly background?: boolean;
  /** Up to 16 pairs: keys of up to 64 characters, values of up to 512. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** What the response should hold beyond its usual fields, such as `reasoning.encrypted_content`. */
  readonly include?: readonly string[];
  /** `auto`: leave out the oldest items of an input that is too long. `disabled`: refuse it. */
  readonly truncation?: 'auto' | 'disabled';
  /** Those of an earlier response do not hold for this one. */
  readonly instructions?: string;
  /** Places of the `item_reference` items of the input, and the ids they name, for a store to put the items there. */
  readonly references: readonly { readonly index: number; readonly id: string }[];
}

/** The fields that an API with a store of its own answers itself: forwarded, they would name responses that the upstream never saw. */
const stored = ['store', 'previous_response_id', 'conversation', 'background', 'metadata'];

/** Reads them from the body of `POST /responses`. Throws FlashmuxError (400) with the path of the first that is wrong. */
export function readResponseOptions(body: Json): ResponseOptions {
  const request = requireObject(body, '', 'a JSON object with model and input');
  const previousResponseId = optionalString(request, 'previous_response_id', '');
  const conversationId = readConversation(request);
  if (previousResponseId !== undefined && conversationId !== undefined) {
    const message = 'previous_response_id and conversation are both set; say one of them.';
    throw new FlashmuxError('invalid_request', message, { param: 'previous_response_id' });
  }
  return {
    ...said({
      store: optionalBoolean(request, 'store', ''),
      previousResponseId,
      conversationId,
      background: optionalBoolean(request, 'background', ''),
      metadata: readMetadata(request),
      include: readInclude(request),
      truncation: optionalChoice(request, 'truncation', '', ['auto', 'disabled']),
      instructions: optionalString(request, 'instructions', ''),
    }),
    references: readReferences(request['input']),
  };
}

/** The body without the fields that an API with a store answers itself: what remains is for the model. */
export function withoutStoredOptions(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([key]) => !stored.includes(key)));
}

/** The same fields as a response object repeats them; `writeAnswer` and `streamWriter` take them as `echo`. */
export function responseEcho(options: ResponseOptions): JsonObject {
  return wire({
    store: options.store,
    previous_response_id: options.previousResponseId,
    conversation: options.conversationId === undefined ? undefined : { id: options.conversationId },
    background: options.background,
    metadata: options.metadata,
    truncation: options.truncation,
    instructions: options.instructions,
  });
}

function readConversation(request: JsonObject): string | undefined {
  const value = request['conversation'];
  if (!isJsonObject(value)) return optionalString(request, 'conversation', '');
  return requiredString(value, 'id', 'conversation', 'the id of a conversation');
}

const maxPairs = 16;
const maxKeyCharacters = 64;
const maxValueCharacters = 512;

function readMetadata(request: JsonObject): Readonly<Record<string, string>> | undefined {
  const given = optionalObject(request, 'metadata', '');
  if (given === undefined) return undefined;
  const pairs = Object.entries(given).map(([key, value]): [string, string] => {
    const path = `metadata.${key.slice(0, maxKeyCharacters)}`;
    if (key.length > maxKeyCharacters) throw refuse(path, key, `under a key of up to ${maxKeyCharacters} characters`);
    if (typeof value !== 'string' || value.length > maxValueCharacters) {
      throw refuse(path, value, `a string of up to ${maxValueCharacters} characters`);
    }
    return [key, value];
  });
  if (pairs.length > maxPairs) throw refuse('metadata', given, `an object of up to ${maxPairs} pairs`);
  return Object.fromEntries(pairs);
}

function readInclude(request: JsonObject): readonly string[] | undefined {
  return optionalArray(request, 'include', '')?.map((value, index) => {
    if (typeof value !== 'string') throw refuse(`include[${index}]`, value, 'a string such as "reasoning.encrypted_content"');
    return value;
  });
}

function readReferences(input: Json | undefined): ResponseOptions['references'] {
  if (!isArray(input)) return [];
  return input.flatMap((item, index) => {
    if (!isJsonObject(item) || itemType(item) !== 'item_reference') return [];
    return [{ index, id: requiredString(item, 'id', `input[${index}]`, 'the id of an earlier item') }];
  });
}
