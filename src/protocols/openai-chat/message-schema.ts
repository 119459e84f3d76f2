import {
  anyOf,
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
} from '../../model/json-schema.ts';
import type { JsonObject } from '../../model/json.ts';

/** An address, a data: URL, or base64 text alone. */
export const mediaUrl: JsonObject = { type: 'string', pattern: '^(?:[A-Za-z][A-Za-z0-9+.-]{0,30}:|[A-Za-z0-9+/_-]+={0,2}$)' };

const cacheControl = { cache_control: ref('ChatCacheControl') };
const pictureWishes: JsonObject = {
  fps: option('Pictures taken from one second of the clip.', numberFrom(0.1, 10)),
  min_pixels: option('The fewest pixels of the picture before it is made larger.', wholeFrom(1)),
  max_pixels: option('The most pixels of the picture before it is made smaller.', wholeFrom(1)),
  total_pixels: option('The most pixels of all pictures of a clip together.', wholeFrom(1)),
  ...cacheControl,
};

function part(type: string, fields: JsonObject, extras: JsonObject): JsonObject {
  return objectOf({ type: exactly(type), ...fields, ...extras }, ['type', ...Object.keys(fields)]);
}

const filename = { filename: option('Its name, for the model.', text) };

const parts: Readonly<Record<string, JsonObject>> = {
  ChatTextPart: part('text', { text }, cacheControl),
  ChatRefusalPart: part('refusal', { refusal: text }, cacheControl),
  ChatImagePart: part(
    'image_url',
    {
      image_url: anyOf(
        objectOf({ url: mediaUrl, detail: option('How closely to look: low, high or auto.', text) }, ['url']),
        said('The address alone.', mediaUrl),
      ),
    },
    pictureWishes,
  ),
  ChatVideoPart: part(
    'video_url',
    { video_url: anyOf(objectOf({ url: mediaUrl }, ['url']), said('The address alone.', mediaUrl)) },
    pictureWishes,
  ),
  ChatFramesPart: said(
    'A clip as the pictures that it is made of.',
    part('video', { video: listOf(text, { minItems: 1 }) }, pictureWishes),
  ),
  ChatAudioPart: part(
    'input_audio',
    {
      input_audio: objectOf({ data: mediaUrl, format: said('Name of the sound format, such as wav or mp3.', text) }, [
        'data',
        'format',
      ]),
    },
    pictureWishes,
  ),
  ChatFilePart: part(
    'file',
    {
      file: anyOf(
        objectOf(
          {
            file_id: said('Id of a file that the host keeps.', text),
            file_data: option('Not looked at beside file_id.', text),
            ...filename,
          },
          ['file_id'],
        ),
        objectOf({ file_id: nothing, file_data: mediaUrl, ...filename }, ['file_data']),
      ),
    },
    pictureWishes,
  ),
  ChatOtherPart: said(
    'A kind that flashmux has no word for. It goes to hosts of this protocol as it is, and is announced as dropped elsewhere.',
    objectOf({ type: otherThan('text', 'refusal', 'image_url', 'video_url', 'video', 'input_audio', 'file') }, ['type']),
  ),
};

const name = { name: option('Tells apart speakers of the same role.', text) };
const content = ref('ChatContent');

function message(role: string, required: readonly string[], fields: JsonObject): JsonObject {
  return objectOf({ role: exactly(role), ...fields }, ['role', ...required]);
}

const calledFunction = objectOf({ name: text, arguments: said('JSON text.', text) }, ['name', 'arguments']);

const assistantFields: JsonObject = {
  content: anyOf(content, nothing),
  ...name,
  refusal: option('What the model said in place of an answer.', text),
  reasoning_content: option('The thoughts of that answer, as it told them.', text),
  reasoning: option('The same; the name that OpenRouter uses.', text),
  reasoning_details: option('Thoughts with their signatures, as they came. Send them back unchanged.', { type: 'array' }),
  audio: option('A spoken answer that the host keeps.', objectOf({ id: text }, ['id'])),
  tool_calls: option('The calls of that answer.', listOf(ref('ChatSentToolCall'))),
  function_call: { ...option('The form before 2023-11.', calledFunction), deprecated: true },
};

export const messageDefinitions: Readonly<Record<string, JsonObject>> = {
  ChatMessage: {
    oneOf: [
      ref('ChatSystemMessage'),
      ref('ChatDeveloperMessage'),
      ref('ChatUserMessage'),
      ref('ChatAssistantMessage'),
      ref('ChatToolMessage'),
      ref('ChatFunctionMessage'),
    ],
    discriminator: {
      propertyName: 'role',
      mapping: Object.fromEntries(
        ['System', 'Developer', 'User', 'Assistant', 'Tool', 'Function'].map((role) => [
          role.toLowerCase(),
          `#/components/schemas/Chat${role}Message`,
        ]),
      ),
    },
  },
  ChatSystemMessage: said('Instructions of whoever runs the application.', message('system', ['content'], { content, ...name })),
  ChatDeveloperMessage: said('The newer name of system.', message('developer', ['content'], { content, ...name })),
  ChatUserMessage: message('user', ['content'], { content, ...name }),
  ChatAssistantMessage: said('An earlier answer.', message('assistant', [], assistantFields)),
  ChatToolMessage: said(
    'The result of a tool call.',
    message('tool', ['tool_call_id', 'content'], { tool_call_id: said('Id of the call.', text), content, ...name }),
  ),
  ChatFunctionMessage: {
    ...said(
      'The result of a function_call, in the form before 2023-11.',
      message('function', ['name', 'content'], {
        name: said('The name in the function_call of an earlier message.', text),
        content,
      }),
    ),
    deprecated: true,
  },
  ChatContent: anyOf(
    text,
    said(
      'Content parts. Which media a model takes: `GET /v1/models/{id}`.',
      listOf({ anyOf: Object.keys(parts).map((each) => ref(each)) }),
    ),
  ),
  ...parts,
  ChatSentToolCall: anyOf(
    objectOf({ id: text, type: nullable(exactly('function')), function: calledFunction }, ['id', 'function']),
    said(
      'A call of another kind, which goes to hosts of this protocol as it is.',
      objectOf({ id: text, type: otherThan('function') }, ['id', 'type']),
    ),
  ),
};
