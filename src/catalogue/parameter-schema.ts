import type { JsonObject } from '../model/json.ts';
import type { Medium } from '../model/part.ts';
import type { ModelEntry, Variant } from './catalogue.ts';

/**
 * The JSON Schema (draft 2020-12) of a chat request to one model or variant: its media, its parameters with their ranges and
 * defaults. Fields beyond it are allowed, because clients send what their other models know.
 */
export function parameterSchema(model: ModelEntry, variant?: Variant): JsonObject {
  const parameters = variant?.parameters ?? model.parameters;
  const names = variant === undefined ? [model.id, ...model.aliases] : [variant.id];
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Chat request to ${names[0]}`,
    description: model.description,
    type: 'object',
    required: ['model', 'messages'],
    properties: {
      model: { description: 'The model to ask.', type: 'string', enum: names },
      messages: messagesSchema(model.capabilities.input),
      ...Object.fromEntries(parameters.map(({ name, description, schema }) => [name, { description, ...schema }])),
    },
  };
}

function messagesSchema(media: readonly ('text' | Medium)[]): JsonObject {
  const textParts = listOf(partSchemas.text);
  const userParts = listOf(media.flatMap((medium) => partSchemas[medium]));
  return {
    description: 'The conversation so far, oldest first.',
    type: 'array',
    minItems: 1,
    items: {
      oneOf: [
        message(['system', 'developer'], { content: stringOr(textParts) }, ['content']),
        message(['user'], { content: stringOr(userParts) }, ['content']),
        message(['assistant'], assistantFields(textParts), []),
        message(['tool'], { content: stringOr(textParts), tool_call_id: { type: 'string' } }, ['content', 'tool_call_id']),
      ],
    },
  };
}

function message(roles: readonly string[], fields: JsonObject, required: readonly string[]): JsonObject {
  return {
    type: 'object',
    required: ['role', ...required],
    properties: { role: { enum: roles }, name: { type: 'string' }, ...fields },
  };
}

function assistantFields(textParts: JsonObject): JsonObject {
  const calledFunction = {
    type: 'object',
    required: ['name', 'arguments'],
    properties: { name: { type: 'string' }, arguments: { type: 'string' } },
  };
  return {
    content: { anyOf: [{ type: 'string' }, textParts, { type: 'null' }] },
    refusal: { type: ['string', 'null'] },
    reasoning_content: { type: ['string', 'null'] },
    audio: { type: ['object', 'null'], required: ['id'], properties: { id: { type: 'string' } } },
    tool_calls: {
      type: ['array', 'null'],
      items: {
        type: 'object',
        required: ['id', 'type', 'function'],
        properties: { id: { type: 'string' }, type: { const: 'function' }, function: calledFunction },
      },
    },
  };
}

const url = { type: 'string', description: 'A URL, or the data itself as a data: URL.' };
const detail = { enum: ['low', 'high', 'auto'] };

/** The content parts of the chat dialect that carry each medium. */
const partSchemas: Readonly<Record<'text' | Medium, readonly JsonObject[]>> = {
  text: [contentPart('text', { text: { type: 'string' } })],
  image: [contentPart('image_url', { image_url: objectOf({ url, detail }, ['url']) })],
  audio: [
    contentPart('input_audio', {
      input_audio: objectOf({ data: { type: 'string' }, format: { enum: ['wav', 'mp3'] } }, ['data', 'format']),
    }),
  ],
  video: [
    contentPart('video_url', { video_url: objectOf({ url }, ['url']) }),
    contentPart('video', { video: { type: 'array', minItems: 4, maxItems: 2000, items: url } }),
  ],
  document: [
    contentPart('file', {
      file: objectOf({ file_data: { type: 'string' }, file_id: { type: 'string' }, filename: { type: 'string' } }, []),
    }),
  ],
};

function contentPart(type: string, fields: JsonObject): JsonObject {
  return objectOf({ type: { const: type }, ...fields }, ['type', ...Object.keys(fields)]);
}

function objectOf(properties: JsonObject, required: readonly string[]): JsonObject {
  return { type: 'object', required, properties };
}

function stringOr(parts: JsonObject): JsonObject {
  return { anyOf: [{ type: 'string' }, parts] };
}

function listOf(parts: readonly JsonObject[]): JsonObject {
  return { type: 'array', minItems: 1, items: { anyOf: parts } };
}
