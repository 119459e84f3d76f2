import {
  anyOf,
  anything,
  exactly,
  listOf,
  nothing,
  nullable,
  numberFrom,
  objectOf,
  option,
  otherThan,
  ref,
  said,
  text,
  wholeFrom,
  wordOf,
} from '../../model/json-schema.ts';
import type { JsonObject } from '../../model/json.ts';
import { mediaUrl } from '../openai-chat/message-schema.ts';

const extras: JsonObject = {
  fps: option('Pictures taken from one second of the clip.', numberFrom(0.1, 10)),
  min_pixels: option('The fewest pixels of the picture before it is made larger.', wholeFrom(1)),
  max_pixels: option('The most pixels of the picture before it is made smaller.', wholeFrom(1)),
  total_pixels: option('The most pixels of all pictures of a clip together.', wholeFrom(1)),
  prompt_cache_breakpoint: ref('ResponseCacheBreakpoint'),
};
const detail = { detail: option('How closely to look: low, high or auto.', text) };
const address = said('An address, a data: URL or base64 text.', mediaUrl);
const ignored = option('Not looked at beside the other.', text);

function part(type: string, fields: JsonObject, more: JsonObject): JsonObject {
  return objectOf({ type: exactly(type), ...fields, ...more }, ['type', ...Object.keys(fields)]);
}

const breakpoint = { prompt_cache_breakpoint: ref('ResponseCacheBreakpoint') };
const file = { ...detail, filename: option('Its name, for the model.', text), ...extras };

const parts: Readonly<Record<string, JsonObject>> = {
  ResponseInputText: part('input_text', { text }, breakpoint),
  ResponseInputChatText: said('The type of chat completions.', part('text', { text }, breakpoint)),
  ResponseInputOutputText: said(
    'A text of an earlier answer, as it came.',
    part('output_text', { text }, { annotations: nullable(listOf(anything)), logprobs: anything }),
  ),
  ResponseInputRefusal: part('refusal', { refusal: text }, {}),
  ResponseInputImage: anyOf(
    part('input_image', { image_url: address }, { file_id: ignored, ...detail, ...extras }),
    part(
      'input_image',
      { file_id: said('Id of a file that the host keeps.', text) },
      { image_url: nothing, ...detail, ...extras },
    ),
  ),
  ResponseInputVideo: part('input_video', { video_url: address }, extras),
  ResponseInputAudio: part(
    'input_audio',
    {
      input_audio: objectOf({ data: address, format: said('Name of the sound format, such as wav or mp3.', text) }, [
        'data',
        'format',
      ]),
    },
    extras,
  ),
  ResponseInputFile: anyOf(
    part(
      'input_file',
      { file_id: said('Id of a file that the host keeps.', text) },
      { file_url: ignored, file_data: ignored, ...file },
    ),
    part('input_file', { file_data: address }, { file_id: nothing, file_url: ignored, ...file }),
    part('input_file', { file_url: said('An address.', text) }, { file_id: nothing, file_data: nothing, ...file }),
  ),
  ResponseInputOther: said(
    'A kind that flashmux has no word for. It goes to hosts of this protocol as it is, and is announced as dropped elsewhere.',
    objectOf(
      {
        type: otherThan(
          'input_text',
          'text',
          'output_text',
          'refusal',
          'input_image',
          'input_video',
          'input_audio',
          'input_file',
        ),
      },
      ['type'],
    ),
  ),
};

const id = { id: option('Id of the item, as it came.', text) };
const callId = said('Id of the call.', text);
const pieces = (type: string, description: string): JsonObject =>
  option(description, listOf(objectOf({ type: said(`Is "${type}".`, anything), text }, ['text'])));

const items: Readonly<Record<string, JsonObject>> = {
  ResponseInputMessage: objectOf(
    {
      type: nullable(exactly('message')),
      role: wordOf('user', 'assistant', 'system', 'developer'),
      content: ref('ResponseContent'),
      ...id,
    },
    ['role', 'content'],
  ),
  ResponseInputReasoning: said(
    'A thought of an earlier answer, as it came. Send it back unchanged.',
    objectOf(
      {
        type: exactly('reasoning'),
        summary: pieces('summary_text', 'The thought, in pieces.'),
        content: pieces('reasoning_text', 'Its full text, where the host told it.'),
        encrypted_content: option('Its seal, which only its host can read.', text),
        ...id,
      },
      ['type'],
    ),
  ),
  ResponseInputFunctionCall: objectOf(
    { type: exactly('function_call'), call_id: callId, name: text, arguments: said('JSON text.', text), ...id },
    ['type', 'call_id', 'name', 'arguments'],
  ),
  ResponseInputFunctionCallOutput: said(
    'The result of a call that stands before it, here or in what this input goes on from.',
    objectOf(
      {
        type: exactly('function_call_output'),
        call_id: callId,
        output: ref('ResponseContent'),
        ...id,
      },
      ['type', 'call_id', 'output'],
    ),
  ),
  ResponseInputItemReference: said(
    'An item that the server keeps. Its type may be left out.',
    anyOf(objectOf({ type: exactly('item_reference'), id: text }, ['type', 'id']), {
      ...objectOf({ type: nothing, id: text }, ['id']),
      not: { required: ['role'] },
    }),
  ),
  ResponseInputOtherItem: said(
    'An item of another kind, as it came.',
    objectOf({ type: otherThan('message', 'reasoning', 'function_call', 'function_call_output', 'item_reference') }, ['type']),
  ),
};

export const itemDefinitions: Readonly<Record<string, JsonObject>> = {
  ResponseInputItem: { anyOf: Object.keys(items).map((name) => ref(name)) },
  ...items,
  ResponseContent: anyOf(text, listOf({ anyOf: Object.keys(parts).map((name) => ref(name)) })),
  ...parts,
  ResponseCacheBreakpoint: said('Marks the end of a prefix that is worth caching.', {
    ...anything,
    examples: [{ mode: 'explicit' }, { mode: 'explicit', ttl: '30m' }],
  }),
};
