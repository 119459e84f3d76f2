import { FlashmuxError } from '../../model/fault.ts';
import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import type { Notice } from '../../model/notice.ts';

/**
 * A chat body as both pages of Segmind show it: `content` is a string. Pictures of what the user said last become the image
 * parameter that the page of qwen3.5-flash speaks of. Throws `unsupported_media` for other content that is no text: without it the
 * answer would be to another question.
 */
export function asStrings(body: JsonObject): { readonly body: JsonObject; readonly notices: readonly Notice[] } {
  const messages = isList(body['messages']) ? body['messages'] : [];
  const last = messages.findLastIndex((message) => isJsonObject(message) && message['role'] === 'user');
  const notices: Notice[] = [];
  const pictures: string[] = [];
  const spoken = messages.map((message, number) => {
    if (!isJsonObject(message) || !isList(message['content'])) return message;
    const texts = message['content'].map((part, index) => {
      const path = `messages[${number}].content[${index}]`;
      const said = isJsonObject(part) ? part : {};
      if (typeof said['text'] === 'string') return said['text'];
      const picture = pictureOf(said);
      if (picture === undefined || number !== last) throw unsupported(path);
      pictures.push(picture);
      notices.push({ code: 'moved', path, message: 'This host takes pictures beside the messages, in `image`.' });
      return '';
    });
    return { ...message, content: texts.filter((text) => text !== '').join('\n\n') };
  });
  const image = pictures.length === 1 ? pictures[0] : pictures;
  return { body: { ...body, messages: spoken, ...(image === undefined || pictures.length === 0 ? {} : { image }) }, notices };
}

function unsupported(param: string): FlashmuxError {
  const message =
    'The host of this model takes text, and pictures in the last message of the user; leave this out, or name a host that takes more.';
  return new FlashmuxError('unsupported_media', message, { param });
}

function pictureOf({ type, image_url: image }: JsonObject): string | undefined {
  if (type !== 'image_url' || !isJsonObject(image)) return undefined;
  return typeof image['url'] === 'string' ? image['url'] : undefined;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
