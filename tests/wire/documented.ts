import type { JsonObject } from '../../src/model/json.ts';

/*
 * Words for JSON Schemas of requests, written from the documentation of the hosts and from nothing of src/: what is sent to a host is
 * held against them. Objects have the fields that are documented and no others.
 */

export const anything: JsonObject = {};
export const text: JsonObject = { type: 'string' };
export const bool: JsonObject = { type: 'boolean' };
export const map: JsonObject = { type: 'object' };

export function closed(properties: JsonObject, required: readonly string[] = []): JsonObject {
  return { type: 'object', properties, required, additionalProperties: false };
}

export function list(items: JsonObject, more: JsonObject = {}): JsonObject {
  return { type: 'array', items, ...more };
}

export function oneOf(...choices: readonly JsonObject[]): JsonObject {
  return { anyOf: choices };
}

export function word(...words: readonly (string | null)[]): JsonObject {
  return { enum: words };
}

export function number(minimum?: number, maximum?: number): JsonObject {
  return { type: 'number', ...(minimum === undefined ? {} : { minimum }), ...(maximum === undefined ? {} : { maximum }) };
}

export function whole(minimum?: number, maximum?: number): JsonObject {
  return { ...number(minimum, maximum), type: 'integer' };
}

/** Several fields of one kind. */
export function each(names: readonly string[], schema: JsonObject): JsonObject {
  return Object.fromEntries(names.map((name) => [name, schema]));
}

export const stops = oneOf(text, list(text, { maxItems: 4 }));
export const usageInStream = closed({ include_usage: bool }, ['include_usage']);

/** OpenAI's three forms of an answer. */
export const answerForms = oneOf(
  closed({ type: word('text') }, ['type']),
  closed({ type: word('json_object') }, ['type']),
  closed(
    {
      type: word('json_schema'),
      json_schema: closed({ name: { ...text, pattern: '^[a-zA-Z0-9_-]{1,64}$' }, description: text, schema: map, strict: bool }, [
        'name',
      ]),
    },
    ['type', 'json_schema'],
  ),
);

export function toolsOf(required: readonly string[] = ['name'], beside: JsonObject = {}): JsonObject {
  const fields = { name: { ...text, pattern: '^[a-zA-Z0-9_-]{1,64}$' }, description: text, parameters: map, strict: bool };
  return list(closed({ type: word('function'), function: closed(fields, required), ...beside }, ['type', 'function']));
}

export const toolChoices = oneOf(
  word('none', 'auto', 'required'),
  closed({ type: word('function'), function: closed({ name: text }, ['name']) }, ['type', 'function']),
);

const calls = list(
  closed({ id: text, type: word('function'), function: closed({ name: text, arguments: text }, ['name', 'arguments']) }, [
    'id',
    'type',
    'function',
  ]),
);

/** Content parts, each with the fields that may stand beside its own. */
export const parts = {
  text: (beside: JsonObject = {}) => closed({ type: word('text'), text, ...beside }, ['type', 'text']),
  image: (beside: JsonObject = {}) =>
    closed(
      { type: word('image_url'), image_url: closed({ url: text, detail: word('low', 'high', 'auto') }, ['url']), ...beside },
      ['type', 'image_url'],
    ),
  video: (beside: JsonObject = {}) =>
    closed({ type: word('video_url'), video_url: closed({ url: text }, ['url']), ...beside }, ['type', 'video_url']),
  sound: (beside: JsonObject = {}) =>
    closed(
      {
        type: word('input_audio'),
        input_audio: closed({ data: text, format: word('wav', 'mp3') }, ['data', 'format']),
        ...beside,
      },
      ['type', 'input_audio'],
    ),
  document: (beside: JsonObject = {}) =>
    closed({ type: word('file'), file: closed({ file_data: text, file_id: text, filename: text }), ...beside }, ['type', 'file']),
  refusal: () => closed({ type: word('refusal'), refusal: text }, ['type', 'refusal']),
} as const;

export interface Conversation {
  readonly system: readonly JsonObject[];
  readonly user: readonly JsonObject[];
  readonly assistant: readonly JsonObject[];
  /** No parts: a string only. */
  readonly tool: readonly JsonObject[];
  /** Further fields of the assistant's messages. */
  readonly said?: JsonObject;
  readonly names?: boolean;
  readonly developer?: boolean;
  /** False: a content of null is not among what is documented. */
  readonly nullContent?: boolean;
}

/** Messages of four or five roles. */
export function conversation(of: Conversation): JsonObject {
  const name: JsonObject = of.names === true ? { name: text } : {};
  const content = (choices: readonly JsonObject[]): JsonObject =>
    choices.length === 0 ? text : oneOf(text, list(oneOf(...choices)));
  const spoken = content(of.assistant);
  return list(
    oneOf(
      closed(
        { role: of.developer === true ? word('system', 'developer') : word('system'), content: content(of.system), ...name },
        ['role', 'content'],
      ),
      closed({ role: word('user'), content: content(of.user), ...name }, ['role', 'content']),
      closed(
        {
          role: word('assistant'),
          content: of.nullContent === false ? spoken : oneOf(spoken, { type: 'null' }),
          tool_calls: calls,
          ...of.said,
          ...name,
        },
        ['role'],
      ),
      closed({ role: word('tool'), tool_call_id: text, content: content(of.tool) }, ['role', 'tool_call_id', 'content']),
    ),
  );
}
