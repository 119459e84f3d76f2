import { isJsonObject, type Json, type JsonObject } from '../../model/json.ts';
import type { Draft } from '../http-host/draft.ts';
import { changeMessages, changeParts, isList } from './message-parts.ts';

/** A list of pictures is a clip from so many on (Model Studio documentation, 2026-09). */
const fewestFrames = 4;

/** Puts the wishes about pictures and clips, which some platforms take for the whole request, onto the parts themselves. */
export function applyVision(draft: Draft): void {
  const { treat_images_as_video: asVideo, max_pixels: pixels, video_fps: fps } = draft.body;
  for (const field of ['treat_images_as_video', 'max_pixels', 'video_fps']) delete draft.body[field];
  if (asVideo === true) joinPictures(draft);
  changeParts(draft, (part) => {
    const isClip = part['type'] === 'video_url' || part['type'] === 'video';
    if (!isClip && part['type'] !== 'image_url') return part;
    // What a part says of itself is the exacter word.
    return {
      ...(pixels === undefined ? {} : { max_pixels: pixels }),
      ...(fps === undefined || !isClip ? {} : { fps }),
      ...part,
    };
  });
}

/** The pictures of a message as one clip, where its first picture stood. */
function joinPictures(draft: Draft): void {
  changeMessages(draft, (message, path) => {
    const { content } = message;
    if (!isList(content)) return message;
    const urls = content.map(pictureUrl).filter((url) => url !== undefined);
    if (urls.length === 0) return message;
    if (urls.length < fewestFrames) {
      const why = `A clip has at least ${fewestFrames} pictures here; they were sent as pictures.`;
      draft.tell('ignored', `${path}.content`, why);
      return message;
    }
    const first = content.findIndex((part) => pictureUrl(part) !== undefined);
    const clip: JsonObject = { ...wishesOf(content), type: 'video', video: urls };
    const others = content.flatMap((part, index) => {
      if (index === first) return [clip];
      return pictureUrl(part) === undefined ? [part] : [];
    });
    return { ...message, content: others };
  });
}

/** What the pictures say beside their address, such as a cache mark; the last one's word holds for the clip. */
function wishesOf(content: readonly Json[]): JsonObject {
  return Object.fromEntries(
    content.flatMap((part) => {
      if (!isJsonObject(part) || pictureUrl(part) === undefined) return [];
      return Object.entries(part).filter(([field]) => field !== 'type' && field !== 'image_url');
    }),
  );
}

function pictureUrl(part: Json): string | undefined {
  if (!isJsonObject(part) || part['type'] !== 'image_url') return undefined;
  const inner = part['image_url'];
  const url = isJsonObject(inner) ? inner['url'] : undefined;
  return typeof url === 'string' ? url : undefined;
}
