import type { Json, JsonObject } from '../../model/json.ts';
import type { MediaPart } from '../../model/part.ts';
import type { GenerateRequest } from '../../model/request.ts';
import { isArray, refuse, requireObject } from '../wire/fields.ts';
import { readMediaUrl } from '../wire/media-url.ts';
import { readRequest as readChat } from '../openai-chat/read-request.ts';

/**
 * Reads the body of `POST /v1/{model}`, its model among its fields (call-model.ts). Both pages (seeds 000 and 001) show `messages` of the roles
 * user, assistant and system with a string each, speak of `enable_thinking` and `tool_calls`, and call the API compatible with OpenAI's, so
 * every parameter of chat completions is read. The page of qwen3.5-flash adds an image parameter beside the prompt: it is part of what the
 * user said last.
 */
export function readRequest(body: Json): GenerateRequest {
  const { image, ...chat } = requireObject(body, '', 'a JSON object with messages');
  const request = readChat(chat);
  const pictures = readImages(image);
  return pictures.length === 0 ? request : { ...request, turns: withPictures(request, pictures, image) };
}

const accepted = 'an address, a data: URL or base64 text of the image, or an array of them';

function readImages(image: JsonObject[string] | undefined): readonly MediaPart[] {
  if (image === undefined || image === null) return [];
  const list = isArray(image) ? image : [image];
  return list.map((entry, index) => {
    const path = isArray(image) ? `image[${index}]` : 'image';
    const source = typeof entry === 'string' ? readMediaUrl(entry) : undefined;
    if (source === undefined) throw refuse(path, entry, accepted);
    return { kind: 'media', medium: 'image', source };
  });
}

function withPictures(
  { turns }: GenerateRequest,
  pictures: readonly MediaPart[],
  image: Json | undefined,
): GenerateRequest['turns'] {
  const last = turns.findLastIndex(({ role }) => role === 'user');
  if (last === -1) throw refuse('image', image, 'sent with a message of the role "user" that speaks of it');
  return turns.map((turn, index) => (index === last ? { ...turn, parts: [...turn.parts, ...pictures] } : turn));
}
